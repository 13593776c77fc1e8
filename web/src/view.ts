// What one drawing pass hands to every track: one window of the history, one second of it, the same for all.
import { timeTicks } from './chart/ticks';
import type { Spans } from './chart/backdrop';
import { type History, mostSamples } from './history';

/** The second that a reader asks for: a place on screen that stays while time moves, or a moment. */
export type Cursor =
  | { readonly kind: 'place'; readonly share: number }
  | { readonly kind: 'moment'; readonly x: number };

export class View {
  history: History;
  /** Indices of the samples to draw, the one before the window's left edge included. */
  from = 0;
  to = 0;
  /** The window on the page's axis, ms. */
  x0 = 0;
  x1 = 1;
  /** Index of the second whose values are shown, or -1 where no sample is. */
  at = -1;
  /** Place of the cursor on the axis, or null. */
  cursorX: number | null = null;
  /** Between these places a sample that is not there is missing; elsewhere nobody knows yet. */
  knownFrom = Infinity;
  knownTo = Infinity;
  /** How far after the last sample the next one is missed, ms. */
  endSlack = 1;
  /** Id of the track under the pointer. */
  pointerTrack: string | null = null;
  /** Monotonic time of this pass, ms. */
  now = 0;
  verticals: number[] = [];
  x: Float64Array = new Float64Array(0);
  breaks: Uint8Array = new Uint8Array(0);

  #breaks = new Uint8Array(mostSamples + 2);

  constructor(history: History) {
    this.history = history;
  }

  get count(): number {
    return this.to - this.from;
  }

  /** What must be added to a place on the axis to give wall-clock time, ms. */
  get offset(): number {
    const newest = this.history.newest;
    return newest < 0 ? 0 : (this.history.t[newest] ?? 0) - (this.history.x[newest] ?? 0);
  }

  /** Moves the window to the newest sample. `growthMs` is how far now has moved beyond it. */
  follow(windowMs: number, growthMs: number, cursor: Cursor | null, now: number): void {
    const newest = this.history.newest;
    const x1 = (newest < 0 ? Date.now() : (this.history.x[newest] ?? 0)) + growthMs;
    this.knownFrom = Infinity;
    this.knownTo = x1;
    this.place(x1 - windowMs, x1, cursor, now);
    this.verticals = newest < 0 ? [] : this.verticals;
  }

  /** Moves the window to [x0, x1]; without a cursor the newest sample is shown. */
  place(x0: number, x1: number, cursor: Cursor | null, now: number): void {
    const { history } = this;
    this.now = now;
    this.x0 = x0;
    this.x1 = x1;
    // One sample on either side of the window, so that lines lead out of it.
    this.from = Math.max(history.start, history.firstAtOrAfter(x0) - 1);
    this.to = Math.max(this.from, Math.min(history.end, history.firstAtOrAfter(x1) + 1));
    if (this.count > this.#breaks.length) {
      this.#breaks = new Uint8Array(this.count + 256);
    }

    this.x = history.x.subarray(this.from, this.to);
    for (let i = this.from; i < this.to; i++) {
      this.#breaks[i - this.from] = i > this.from && history.isGap(i) ? 1 : 0;
    }

    this.breaks = this.#breaks.subarray(0, this.count);
    this.verticals = timeTicks(x0, x1, this.offset);
    this.cursorX = cursor === null ? null : cursor.kind === 'moment' ? cursor.x : this.#placeOf(cursor.share);
    this.at = this.cursorX === null ? history.newest : history.nearest(this.cursorX);
    if (cursor?.kind === 'place' && this.at >= 0) {
      this.cursorX = history.x[this.at] ?? this.cursorX;
    }
  }

  /** Place on the axis of a share of the plot's width. */
  #placeOf(share: number): number {
    return this.x0 + share * (this.x1 - this.x0);
  }
}

/** The stretches of a window without values, for hatching. */
export class Missing implements Spans {
  places: Float64Array = new Float64Array(32);
  count = 0;

  /**
   * Finds the stretches: time between samples that are no neighbours, samples whose value in `row` (as long as the
   * window) is missing, and what is known to have nothing before the first or after the last sample. Time before the
   * oldest sample of a live page is not missing: nobody had begun to measure.
   */
  find(view: View, row: Float64Array | null): this {
    this.count = 0;
    const to = Math.min(view.x1, view.knownTo);
    const from = Math.max(view.x0, view.knownFrom);
    const first = view.x[0] ?? to;
    if (first - from > view.history.intervalMs) {
      this.#add(from, Math.min(first, to));
    }

    let open = -1;
    for (let i = 1; i < view.count; i++) {
      const absent = view.breaks[i] === 1 || (row !== null && (isNaN(row[i - 1] ?? NaN) || isNaN(row[i] ?? NaN)));
      if (absent && open < 0) {
        open = i - 1;
      } else if (!absent && open >= 0) {
        this.#add(view.x[open] ?? 0, view.x[i - 1] ?? 0);
        open = -1;
      }
    }

    const newest = view.x[view.count - 1];
    if (newest !== undefined) {
      const start = open >= 0 ? (view.x[open] ?? 0) : newest;
      const isOpen = to - newest > view.endSlack || (row !== null && isNaN(row[view.count - 1] ?? NaN));
      if (open >= 0 || isOpen) {
        this.#add(start, isOpen ? Math.max(to, newest) : newest);
      }
    }

    return this;
  }

  #add(from: number, to: number): void {
    if (this.places.length < 2 * this.count + 2) {
      const larger = new Float64Array(2 * this.places.length);
      larger.set(this.places);
      this.places = larger;
    }

    this.places[2 * this.count] = from;
    this.places[2 * this.count + 1] = to;
    this.count++;
  }
}

/** Rows of computed values that are as long as the window, kept from pass to pass. */
export class Rows {
  readonly #buffers: Float64Array[];

  constructor(count: number) {
    this.#buffers = Array.from({ length: count }, () => new Float64Array(0));
  }

  /** The rows, each cut to `length`; their contents are those of the last pass. */
  take(length: number): Float64Array[] {
    return this.#buffers.map((buffer, i) => {
      if (buffer.length < length) {
        this.#buffers[i] = buffer = new Float64Array(Math.ceil(length * 1.3));
      }

      return buffer.subarray(0, length);
    });
  }
}
