// The recorder strip: all that is held, as one silhouette, with the window of the tracks marked on it.
import { Hatching, type Spans } from './backdrop';
import type { Palette } from './palette';
import { traceArea } from './paths';
import { Surface } from './surface';

export interface StripFrame {
  readonly x: Float64Array;
  /** CPU busy, 0 to 1; NaN is missing. */
  readonly values: Float64Array;
  readonly breaks: Uint8Array;
  readonly x0: number;
  readonly x1: number;
  /** The window of the tracks. */
  readonly window: readonly [number, number];
  readonly missing: Spans;
  readonly live: boolean;
}

/** What lies outside of the window recedes. */
const outside = 0.55;

export class StripChart {
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #hatching = new Hatching();

  constructor(parent: HTMLElement, palette: Palette) {
    this.#surface = new Surface(parent);
    this.#palette = palette;
  }

  resize(width: number, height: number): void {
    this.#surface.resize(width, height);
  }

  draw(frame: StripFrame): void {
    if (!this.#surface.begin()) {
      return;
    }

    const { context, width, height, ratio } = this.#surface;
    const frameWidth = Math.max(1, Math.round(ratio));
    const toX = (x: number) => ((x - frame.x0) / (frame.x1 - frame.x0)) * width;
    this.#hatching.draw(context, this.#palette, ratio, frame.missing, toX, 0, height);
    const [fill, stroke] = [new Path2D(), new Path2D()];
    const low = height - frameWidth;
    const toY = (value: number) => low - Math.min(1, value) * (low - 3 * ratio);
    traceArea({ ...frame, upper: frame.values, lower: null, count: frame.x.length, toX, toY }, fill, stroke);

    const left = toX(frame.window[0]);
    const right = Math.min(width, toX(frame.window[1]));
    this.#silhouette(fill, stroke, 0, left, outside);
    this.#silhouette(fill, stroke, left, right, 1);
    context.strokeStyle = this.#palette.css(frame.live ? 'live' : 'text3');
    context.lineWidth = 2 * frameWidth;
    context.strokeRect(left + frameWidth, frameWidth, right - left - 2 * frameWidth, height - 2 * frameWidth);
  }

  destroy(): void {
    this.#surface.destroy();
  }

  #silhouette(fill: Path2D, stroke: Path2D, left: number, right: number, alpha: number): void {
    const { context, height, ratio } = this.#surface;
    context.save();
    context.beginPath();
    context.rect(left, 0, Math.max(0, right - left), height);
    context.clip();
    context.fillStyle = this.#palette.css('user', this.#palette.fill * alpha);
    context.fill(fill);
    context.strokeStyle = this.#palette.css('user', alpha);
    context.lineWidth = ratio;
    context.lineJoin = 'round';
    context.stroke(stroke);
    context.restore();
  }
}
