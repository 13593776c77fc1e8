// Between which values a sum surely lay while each of its parts is only known as average, minimum and maximum.
import type { Column } from '../history';
import type { Envelope } from '../chart/time-chart';
import type { Token } from '../chart/palette';
import { Rows, type View } from '../view';

/** The lowest and the highest value. */
export type Bounds = readonly [number, number];

/**
 * Values that the sum of some columns reached for certain in the bucket at an index. The largest part of the whole
 * movement is that of one part, while the others stood at worst at their other end: so the sum was at least so high and
 * at most so low once. With one part it is exact, with several it may have moved further, never less.
 */
export function sumBounds(columns: readonly Column[], index: number): Bounds {
  let [average, low, high, most, known] = [0, 0, 0, 0, false];
  for (const { values, low: lows, high: highs } of columns) {
    const value = values[index] ?? NaN;
    if (!Number.isNaN(value)) {
      const [min, max] = [lows?.[index] ?? value, highs?.[index] ?? value];
      average += value;
      low += min;
      high += max;
      most = Math.max(most, max - min);
      known = true;
    }
  }

  return known ? [Math.min(average, high - most), Math.max(average, low + most)] : [NaN, NaN];
}

/** The envelopes of a chart whose points stand for many samples. */
export class Envelopes {
  readonly #colours: readonly Token[];
  readonly #rows: Rows;
  /** The largest distance from zero that was seen last. */
  largest = 0;

  constructor(colours: readonly Token[]) {
    this.#colours = colours;
    this.#rows = new Rows(2 * colours.length);
  }

  /** Takes the bounds of each envelope at each index of the window; none where each point is one sample. */
  of(view: View, bounds: (envelope: number, index: number) => Bounds): Envelope[] {
    this.largest = 0;
    if (!view.history.hasRanges) {
      return [];
    }

    const rows = this.#rows.take(view.count);
    return this.#colours.map((colour, e) => {
      const [low, high] = [rows[2 * e] as Float64Array, rows[2 * e + 1] as Float64Array];
      for (let i = 0; i < view.count; i++) {
        const [from, to] = bounds(e, view.from + i);
        low[i] = from;
        high[i] = to;
        this.largest = Math.max(this.largest, Math.abs(from) || 0, Math.abs(to) || 0);
      }

      return { low, high, colour };
    });
  }
}
