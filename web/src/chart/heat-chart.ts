// Many equal things over time as one picture: a row each, a column a sample, brightness the value from 0 to 1.
import { drawGrid, Hatching, type Spans } from './backdrop';
import { type Palette, ramp } from './palette';
import { Surface } from './surface';

export interface HeatFrame {
  readonly x: Float64Array;
  /** One array a row, each as long as `x`: 0 to 1, NaN is missing. */
  readonly rows: readonly Float64Array[];
  readonly x0: number;
  readonly x1: number;
  readonly stepMs: number;
  readonly verticals: readonly number[];
  readonly missing: Spans;
}

const shades = 64;
const transparent = 0;

/** Rows at least so high, in device pixels, get a hairline between them. */
const separateFrom = 4;

/** Where the four colours of the ramp stand. */
export const rampStops = [0, 0.3, 0.72, 1] as const;

export class HeatChart {
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #hatching = new Hatching();
  readonly #picture = document.createElement('canvas');
  #ramp: Uint32Array = new Uint32Array(0);
  #rampVersion = -1;

  constructor(parent: HTMLElement, palette: Palette) {
    this.#surface = new Surface(parent);
    this.#palette = palette;
  }

  resize(width: number, height: number): void {
    this.#surface.resize(width, height);
  }

  draw(frame: HeatFrame): void {
    if (!this.#surface.begin()) {
      return;
    }

    const { context, width, height, ratio } = this.#surface;
    const toX = (x: number) => ((x - frame.x0) / (frame.x1 - frame.x0)) * width;
    drawGrid(context, this.#palette, ratio, frame.verticals, [], toX);
    this.#hatching.draw(context, this.#palette, ratio, frame.missing, toX, 0, height);

    const slots = Math.max(1, Math.round((frame.x1 - frame.x0) / frame.stepMs));
    const rowHeight = Math.max(1, Math.floor(height / Math.max(1, frame.rows.length)));
    this.#paint(frame, slots);
    context.imageSmoothingEnabled = false;
    const painted = Math.min(height, rowHeight * frame.rows.length);
    const { width: pictureWidth, height: pictureHeight } = this.#picture;
    context.drawImage(this.#picture, 0, 0, pictureWidth, pictureHeight, 0, 0, width, painted);
    if (rowHeight >= separateFrom) {
      for (let row = 1; row < frame.rows.length; row++) {
        context.clearRect(0, row * rowHeight - 1, width, 1);
      }
    }
  }

  destroy(): void {
    this.#surface.destroy();
  }

  #paint(frame: HeatFrame, slots: number): void {
    if (this.#rampVersion !== this.#palette.version) {
      const colours = (['heat0', 'heat1', 'heat2', 'heat3'] as const).map((token) => this.#palette.rgba(token));
      this.#ramp = ramp(rampStops.map((at, i) => ({ at, colour: colours[i] ?? [0, 0, 0, 1] })), shades);
      this.#rampVersion = this.#palette.version;
    }

    const context = this.#picture.getContext('2d');
    const rows = Math.max(1, frame.rows.length);
    this.#picture.width = slots;
    this.#picture.height = rows;
    if (context === null) {
      return;
    }

    const image = context.createImageData(slots, rows);
    const pixels = new Uint32Array(image.data.buffer);
    frame.rows.forEach((values, row) => {
      for (let i = 0; i < values.length; i++) {
        // A sample stands for the interval that ends with it.
        const slot = Math.round(((frame.x[i] ?? 0) - frame.x0) / frame.stepMs) - 1;
        const value = values[i] ?? NaN;
        if (slot >= 0 && slot < slots) {
          pixels[row * slots + slot] = Number.isNaN(value) ? transparent : (this.#ramp[shadeOf(value)] ?? 0);
        }
      }
    });
    context.putImageData(image, 0, 0);
  }
}

function shadeOf(value: number): number {
  return Math.min(shades - 1, Math.max(0, Math.round(value * (shades - 1))));
}
