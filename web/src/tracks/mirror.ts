// A track of two directions: in above zero, out below, one scale for both. Direction is position, not colour.
import { nextScale, type BoundKind, type ScaleState } from '../chart/scale';
import type { Palette, Token } from '../chart/palette';
import { TimeChart } from '../chart/time-chart';
import { bytes } from '../format';
import type { Column } from '../history';
import { Missing, Rows, type View } from '../view';
import { type Bounds, Envelopes, sumBounds } from './bounds';
import type { TrackFrame } from './frame';

export interface MirrorScale {
  readonly kind: BoundKind;
  /** The smallest upper end, in the unit of the values. */
  readonly floor: number;
  /** Text of the upper end. */
  label(bound: number): string;
}

/** One of the two directions, at an index of the history. */
export interface Direction {
  value(index: number): number;
  bounds(index: number): Bounds;
}

export class Mirror {
  readonly #frame: TrackFrame;
  readonly #chart: TimeChart;
  readonly #scale: MirrorScale;
  readonly #rows = new Rows(2);
  readonly #missing = new Missing();
  readonly #ranges: Envelopes;
  #state: ScaleState | null = null;

  constructor(frame: TrackFrame, colour: Token, scale: MirrorScale, palette: Palette) {
    this.#frame = frame;
    this.#scale = scale;
    this.#ranges = new Envelopes([colour, colour]);
    this.#chart = new TimeChart(frame.plot, [{ colour, kind: 'area' }, { colour, kind: 'area' }], palette);
  }

  /** Draws what `above` and `below` give for an index of the history. */
  draw(view: View, above: Direction, below: Direction): void {
    const rows = this.#rows.take(view.count);
    const [up, down] = rows as [Float64Array, Float64Array];
    let largest = 0;
    for (let i = 0; i < view.count; i++) {
      const [high, low] = [above.value(view.from + i), below.value(view.from + i)];
      up[i] = high;
      down[i] = -low;
      largest = Math.max(largest, high || 0, low || 0);
    }

    const envelopes = this.#ranges.of(view, (envelope, index) => {
      const [least, most] = (envelope === 0 ? above : below).bounds(index);
      return envelope === 0 ? [least, most] : [-most, -least];
    });
    largest = Math.max(largest, this.#ranges.largest);
    const { x, breaks, x0, x1, verticals, now } = view;
    const held = view.pointerTrack === this.#frame.id;
    this.#state = nextScale(this.#state, largest, this.#scale.kind, this.#scale.floor, now, held);
    const { bound } = this.#state;
    this.#missing.find(view, up);
    const [y0, y1, missing] = [-bound, bound, this.#missing];
    const [horizontals, references] = [[0], []];
    this.#chart.draw({ x, rows, breaks, x0, x1, y0, y1, verticals, horizontals, missing, references, envelopes });
    this.#frame.axis([{ at: 0, text: this.#scale.label(bound) }, { at: 0.5, text: '0' }]);
  }

  resize(width: number, height: number): void {
    this.#chart.resize(width, height);
  }

  destroy(): void {
    this.#chart.destroy();
  }
}

/** The upper end of a scale in bytes: `64.0 MiB`, `2.00 GiB`. */
export function axisBytes(bound: number): string {
  const { value, unit } = bytes(bound);
  return `${value} ${unit}`;
}

/** The sum of some columns, times a factor, as a direction. */
export function directionOf(columns: () => readonly Column[], factor = 1): Direction {
  return {
    value: (index) => factor * sumAt(columns(), index),
    bounds: (index) => {
      const [low, high] = sumBounds(columns(), index);
      return [factor * low, factor * high];
    },
  };
}

/** The sum over those columns that have a value at an index; NaN when none has. */
export function sumAt(columns: readonly Column[], index: number): number {
  let sum = NaN;
  for (const column of columns) {
    const value = column.values[index] ?? NaN;
    if (!Number.isNaN(value)) {
      sum = (Number.isNaN(sum) ? 0 : sum) + value;
    }
  }

  return sum;
}
