import type { Palette, Token } from './palette';
import { traceArea } from './paths';
import { Surface } from './surface';

/** A trend without axes in a table cell; its own largest value is its height. */
export class Spark {
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #colour: Token;

  constructor(parent: HTMLElement, colour: Token, palette: Palette) {
    this.#surface = new Surface(parent);
    this.#palette = palette;
    this.#colour = colour;
    this.#surface.resize(parent.clientWidth, parent.clientHeight);
  }

  /** Draws samples at `x` over [x0, x1]; NaN is missing. */
  draw(x: Float64Array, values: Float64Array, breaks: Uint8Array, x0: number, x1: number): void {
    if (!this.#surface.begin()) {
      return;
    }

    const { context, width, height, ratio } = this.#surface;
    let largest = 0;
    for (const value of values) {
      largest = value > largest ? value : largest;
    }

    const [fill, stroke] = [new Path2D(), new Path2D()];
    const toX = (at: number) => ((at - x0) / (x1 - x0)) * width;
    const toY = (value: number) => height - ratio - (largest === 0 ? 0 : (value / largest) * (height - 3 * ratio));
    traceArea({ x, upper: values, lower: null, breaks, count: x.length, toX, toY }, fill, stroke);
    context.fillStyle = this.#palette.css(this.#colour, this.#palette.fill * 0.7);
    context.fill(fill);
    context.strokeStyle = this.#palette.css(this.#colour);
    context.lineWidth = ratio;
    context.stroke(stroke);
  }

  destroy(): void {
    this.#surface.destroy();
  }
}
