// The trends of a table's rows, drawn into one canvas beside the rows: a canvas of its own for each row would cost the
// browser more than drawing it.
import type { Palette, Token } from './palette';
import { traceArea } from './paths';
import { Surface } from './surface';

export interface Trend {
  readonly x: Float64Array;
  /** As long as `x`; NaN is missing. Its own largest value is the height of the row. */
  readonly values: Float64Array;
  readonly breaks: Uint8Array;
  /** What fills the height of the row at least, so that next to nothing does not look like much. */
  readonly least?: number;
  readonly x0: number;
  readonly x1: number;
}

/** Free space above and below a trend, CSS pixels. */
const margin = 3;

export class SparkColumn {
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #colour: Token;
  #rowHeight = 0;

  constructor(parent: HTMLElement, colour: Token, palette: Palette) {
    this.#surface = new Surface(parent);
    this.#palette = palette;
    this.#colour = colour;
  }

  /** Follows a new size, CSS pixels. */
  resize(width: number, height: number, rowHeight: number): void {
    this.#surface.resize(width, height);
    this.#rowHeight = rowHeight;
  }

  /** Draws a trend in each row; null leaves its row empty. */
  draw(trends: readonly (Trend | null)[]): void {
    if (!this.#surface.begin()) {
      return;
    }

    const { context, ratio } = this.#surface;
    context.lineWidth = ratio;
    context.lineJoin = 'round';
    context.strokeStyle = this.#palette.css(this.#colour);
    context.fillStyle = this.#palette.css(this.#colour, this.#palette.fill * 0.7);
    const [fill, stroke] = [new Path2D(), new Path2D()];
    trends.forEach((trend, row) => trend !== null && this.#trace(trend, row, fill, stroke));
    context.fill(fill);
    context.stroke(stroke);
  }

  #trace({ x, values, breaks, least = 0, x0, x1 }: Trend, row: number, fill: Path2D, stroke: Path2D): void {
    const { width, ratio } = this.#surface;
    let largest = least;
    for (const value of values) {
      largest = value > largest ? value : largest;
    }

    const low = ((row + 1) * this.#rowHeight - margin) * ratio;
    const room = (this.#rowHeight - 2 * margin) * ratio;
    const toX = (at: number): number => ((at - x0) / (x1 - x0)) * width;
    // An area stands on zero, so zero must be where a row's zero is.
    const toY = (value: number): number => low - (largest === 0 ? 0 : (value / largest) * room);
    traceArea({ x, upper: values, lower: null, breaks, count: x.length, toX, toY }, fill, stroke);
  }
}
