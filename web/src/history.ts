// What the page holds: typed-array rings of the last quarter of an hour. Messages only write here; drawing only reads.
//
// Layout: every column (time, sequence, one per kept series) is one Float64Array of capacity plus slack. Samples are
// appended at `end`; when the array is full the newest `capacity` samples are moved to its beginning. So every window
// is one contiguous piece, without copying per frame. Missing is NaN.

import { newVersion } from './versions';
import type { Backlog, BacklogColumn, Frame, Series } from './wire';

/** How much the page keeps, ms: its longest window. */
export const heldMs = 15 * 60_000;

/** Samples at most, whatever the interval: 3600 x 400 series x 8 bytes = 11 MiB. */
export const mostSamples = 3600;

/** Samples that follow each other in `seq` are joined up to this many intervals apart; beyond, the machine slept. */
const joinIntervals = 3.5;

/** Samples with a hole in `seq` count as neighbours only when time says that there was none. */
const gapIntervals = 1.5;

/** How much longer than its bucket a sampling interval may seem. */
const rawSlack = 1.7;

export interface Column {
  readonly series: Series;
  /** One value a sample, at the indices of the history; NaN is missing. Replaced when the history is rebuilt. */
  values: Float64Array;
  /** Smallest and largest of the samples that a value is the average of; null where each value is one sample. */
  readonly low: Float64Array | null;
  readonly high: Float64Array | null;
}

/** One series of a history of buckets. */
export interface BucketColumn {
  readonly series: Series;
  readonly avg: Float64Array;
  readonly min: Float64Array | null;
  readonly max: Float64Array | null;
}

export type Appended = 'appended' | 'gap' | 'duplicate' | 'mismatch';

export interface Merged {
  /** Samples that were not held before. */
  readonly added: number;
  /** Of these, samples older than the newest that was held: holes that are filled now. */
  readonly filled: number;
}

export class History {
  /** Sample times on the page's axis, ms: wall-clock time made continuous, growing without steps. */
  x: Float64Array;
  /** Wall-clock times of the samples as the server gave them, Unix ms. */
  t: Float64Array;
  seq: Float64Array;
  /** Index of the oldest sample. */
  start = 0;
  /** Index after the newest sample. */
  end = 0;
  intervalMs = 1000;
  /** Another number, never used before, when a column comes, goes or is replaced; no two histories share one. */
  version = newVersion();
  /** Whether its values stand for many samples each, so that there is more to say than the average. */
  hasRanges = false;

  #step: Float64Array;
  #capacity: number;
  #columns = new Map<string, Column>();
  #slots: (Column | null)[] = [];
  #idle: Column[] = [];
  #schema: readonly Series[] = [];
  readonly #keep: (name: string) => boolean;

  constructor(keep: (name: string) => boolean, intervalMs = 1000) {
    this.#keep = keep;
    this.intervalMs = intervalMs;
    this.#capacity = capacityFor(intervalMs);
    const length = lengthFor(this.#capacity);
    this.x = new Float64Array(length);
    this.t = new Float64Array(length);
    this.seq = new Float64Array(length);
    this.#step = new Float64Array(length);
  }

  /**
   * A history of the recorder's buckets: `x` are the middles of those in which something was recorded, `stepMs` apart.
   * Raw: a bucket is one sampling interval, so that a tick early by a hair leaves one bucket empty and no hole.
   */
  static ofBuckets(x: Float64Array, stepMs: number, isRaw: boolean): History {
    const history = new History(() => true, stepMs);
    history.x = history.t = x;
    history.seq = x.map((at) => Math.floor(at / stepMs));
    history.#step = new Float64Array(x.length).fill(isRaw ? rawSlack * stepMs : stepMs);
    history.#capacity = x.length;
    history.end = x.length;
    history.hasRanges = !isRaw;
    return history;
  }

  /** Adds series to a history of buckets. */
  add(columns: readonly BucketColumn[]): void {
    for (const { series, avg, min, max } of columns) {
      this.#columns.set(series.key, { series, values: avg, low: min, high: max });
    }

    this.version = newVersion();
  }

  get count(): number {
    return this.end - this.start;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Index of the newest sample, or -1. */
  get newest(): number {
    return this.end > this.start ? this.end - 1 : -1;
  }

  /** The series of the last schema, kept or not. */
  get series(): readonly Series[] {
    return this.#schema;
  }

  /** The last millisecond of wall-clock time that belongs to a sample: a bucket ends half its width after `t`. */
  momentOf(index: number): number {
    const t = this.t[index] ?? NaN;
    return this.t === this.x ? t + this.intervalMs / 2 - 1 : t;
  }

  /** The columns of a metric, in the order in which they were first seen. */
  columnsOf(name: string): Column[] {
    return [...this.#columns.values()].filter((column) => column.series.name === name);
  }

  /** The column of a metric whose labels are exactly these. */
  column(name: string, labels: Readonly<Record<string, string>> = {}): Column | undefined {
    const names = Object.keys(labels);
    return this.columnsOf(name).find((column) => {
      const own = column.series.labels;
      return Object.keys(own).length === names.length && names.every((n) => own[n] === labels[n]);
    });
  }

  /** Whether no sample is known between the sample at `index` and the one before it, though time has passed. */
  isGap(index: number): boolean {
    if (index <= this.start) {
      return false;
    }

    const step = this.#step[index] ?? this.intervalMs;
    const joined = (this.seq[index] ?? 0) === (this.seq[index - 1] ?? 0) + 1;
    return (this.x[index] ?? 0) - (this.x[index - 1] ?? 0) > (joined ? joinIntervals : gapIntervals) * step;
  }

  /** Index of the first sample at or after `x`; `end` when there is none. */
  firstAtOrAfter(x: number): number {
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.x[middle] ?? 0) < x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }

    return low;
  }

  /** Index of the sample that stands for the moment `x`, or -1 when none lies within 0.75 of an interval. */
  nearest(x: number): number {
    const after = this.firstAtOrAfter(x);
    const candidates = [after - 1, after].filter((i) => i >= this.start && i < this.end);
    const distance = (i: number) => Math.abs((this.x[i] ?? 0) - x);
    const best = candidates.reduce((a, b) => (a < 0 || distance(b) < distance(a) ? b : a), -1);
    return best >= 0 && distance(best) <= 0.75 * (this.#step[best] ?? this.intervalMs) ? best : -1;
  }

  /** Takes over a new order of series. Columns of series that are gone stay until their last sample has left. */
  setSchema(series: readonly Series[]): void {
    this.#schema = series;
    const used = new Set<Column>();
    this.#slots = series.map((item) => {
      const column = this.#keep(item.name) ? this.#columnFor(item) : null;
      if (column !== null) {
        used.add(column);
      }

      return column;
    });
    this.#idle = [...this.#columns.values()].filter((column) => !used.has(column));
    this.#dropEmptyColumns();
    this.version = newVersion();
  }

  /** Adds a frame. Only writes into the columns; `gap` says that frames before it are missing. */
  append(frame: Frame): Appended {
    if (frame.v.length !== this.#slots.length) {
      return 'mismatch';
    }

    const last = this.newest;
    const lastSeq = last < 0 ? -1 : (this.seq[last] ?? -1);
    if (last >= 0 && frame.seq <= lastSeq && frame.t <= (this.t[last] ?? 0)) {
      return 'duplicate';
    }

    const x = last < 0 ? frame.t : this.#placeAfter(last, frame.seq, frame.t, frame.dt);
    const index = this.#grow();
    this.x[index] = x;
    this.t[index] = frame.t;
    this.seq[index] = frame.seq;
    this.#step[index] = this.intervalMs;
    for (let i = 0; i < this.#slots.length; i++) {
      const column = this.#slots[i];
      if (column) {
        column.values[index] = frame.v[i] ?? NaN;
      }
    }

    for (const column of this.#idle) {
      column.values[index] = NaN;
    }

    return last >= 0 && frame.seq !== lastSeq + 1 ? 'gap' : 'appended';
  }

  /**
   * Takes over schema and backlog of a hello: adds what is not held yet, keeps what is. Samples are the same when their
   * wall-clock time is, because a restarted server counts `seq` from its beginning again.
   */
  merge(series: readonly Series[], backlog: Backlog, intervalMs: number): Merged {
    const held = this.#snapshot();
    const incomingX = placeBacklog(backlog, intervalMs);
    alignHeld(held, backlog, incomingX, intervalMs);

    const known = new Set(held.map((row) => row.t));
    const newestHeld = held.at(-1)?.x ?? -Infinity;
    const rows: Row[] = [...held];
    let filled = 0;
    for (let i = 0; i < backlog.seq.length; i++) {
      const [x, t, seq] = [incomingX[i] ?? 0, backlog.t[i] ?? 0, backlog.seq[i] ?? 0];
      const row = { x, t, seq, step: intervalMs, own: -1, at: i };
      if (!known.has(row.t)) {
        rows.push(row);
        filled += row.x < newestHeld ? 1 : 0;
      }
    }

    rows.sort((a, b) => a.x - b.x);
    const added = rows.length - held.length;
    this.#rebuild(rows, series, backlog.columns, intervalMs);
    return { added, filled };
  }

  #snapshot(): Row[] {
    const rows: Row[] = [];
    for (let i = this.start; i < this.end; i++) {
      const [x, t, seq, step] = [this.x[i] ?? 0, this.t[i] ?? 0, this.seq[i] ?? 0, this.#step[i] ?? 0];
      rows.push({ x, t, seq, step, own: i, at: -1 });
    }

    return rows;
  }

  #rebuild(rows: Row[], series: readonly Series[], incoming: readonly BacklogColumn[], intervalMs: number): void {
    this.intervalMs = intervalMs;
    this.#capacity = capacityFor(intervalMs);
    const length = lengthFor(this.#capacity);
    const kept = rows.slice(-this.#capacity);
    const previous = new Map([...this.#columns].map(([key, column]) => [key, column.values]));
    const filledColumn = (values: Float64Array | undefined, source: BacklogColumn | undefined): Float64Array => {
      const fresh = new Float64Array(length).fill(NaN);
      kept.forEach((row, i) => {
        fresh[i] = row.own >= 0 ? (values?.[row.own] ?? NaN) : valueAt(source, row.at);
      });
      return fresh;
    };

    const slots = new Map(series.map((item, slot) => [item.key, slot]));
    for (const [key, column] of this.#columns) {
      const slot = slots.get(key);
      column.values = filledColumn(previous.get(key), slot === undefined ? null : incoming[slot]);
    }

    series.forEach((item, slot) => {
      if (this.#keep(item.name) && !this.#columns.has(item.key)) {
        this.#columns.set(item.key, makeColumn(item, filledColumn(undefined, incoming[slot])));
      }
    });

    this.x = Float64Array.from({ length }, (_, i) => kept[i]?.x ?? 0);
    this.t = Float64Array.from({ length }, (_, i) => kept[i]?.t ?? 0);
    this.seq = Float64Array.from({ length }, (_, i) => kept[i]?.seq ?? 0);
    this.#step = Float64Array.from({ length }, (_, i) => kept[i]?.step ?? 0);
    this.start = 0;
    this.end = kept.length;
    this.#dropOld();
    this.setSchema(series);
  }

  #columnFor(series: Series): Column {
    let column = this.#columns.get(series.key);
    if (column === undefined) {
      column = makeColumn(series, new Float64Array(this.x.length).fill(NaN));
      this.#columns.set(series.key, column);
    }

    return column;
  }

  #dropEmptyColumns(): void {
    this.#idle = this.#idle.filter((column) => {
      for (let i = this.start; i < this.end; i++) {
        if (!Number.isNaN(column.values[i])) {
          return true;
        }
      }

      this.#columns.delete(column.series.key);
      return false;
    });
  }

  /** The place of a sample on the continuous axis: a step of the wall clock does not move what was measured before. */
  #placeAfter(last: number, seq: number, t: number, dt: number | null): number {
    const lastX = this.x[last] ?? 0;
    const elapsed = dt !== null && seq === (this.seq[last] ?? 0) + 1 ? dt : t - (this.t[last] ?? 0);
    const offset = lastX - (this.t[last] ?? 0);
    if (elapsed <= 0) {
      return lastX + this.intervalMs;
    }

    // Within half an interval wall clock and monotonic clock agree: follow the wall clock, so that no error adds up.
    return Math.abs(t + offset - (lastX + elapsed)) < this.intervalMs / 2 ? t + offset : lastX + elapsed;
  }

  #grow(): number {
    if (this.end === this.x.length) {
      const from = this.end - this.#capacity + 1;
      for (const values of this.#arrays()) {
        values.copyWithin(0, from, this.end);
      }

      this.end -= from;
      this.start = 0;
    }

    const index = this.end++;
    if (this.count > this.#capacity) {
      this.start = this.end - this.#capacity;
    }

    return index;
  }

  *#arrays(): Generator<Float64Array> {
    yield* [this.x, this.t, this.seq, this.#step];
    for (const column of this.#columns.values()) {
      yield column.values;
    }
  }

  #dropOld(): void {
    const oldest = (this.x[this.end - 1] ?? 0) - heldMs;
    while (this.start < this.end && (this.x[this.start] ?? 0) < oldest) {
      this.start++;
    }
  }
}

function makeColumn(series: Series, values: Float64Array): Column {
  return { series, values, low: null, high: null };
}

interface Row {
  x: number;
  readonly t: number;
  readonly seq: number;
  readonly step: number;
  /** Index in the history before the merge, or -1. */
  readonly own: number;
  /** Index in the backlog, or -1. */
  readonly at: number;
}

function capacityFor(intervalMs: number): number {
  return Math.min(mostSamples, Math.max(2, Math.ceil(heldMs / intervalMs) + 1));
}

function lengthFor(capacity: number): number {
  return capacity + Math.max(2, capacity >> 2);
}

function valueAt(column: BacklogColumn | undefined, index: number): number {
  const value = Array.isArray(column) ? (column as readonly (number | null)[])[index] : (column as number | null);
  return value ?? NaN;
}

/** Axis places of a backlog, from its newest sample, which stands at its wall-clock time, back to the oldest. */
function placeBacklog(backlog: Backlog, intervalMs: number): number[] {
  const { seq, t, dt } = backlog;
  const places = [...t];
  for (let i = places.length - 2; i >= 0; i--) {
    const after = places[i + 1] ?? 0;
    const offset = after - (t[i + 1] ?? 0);
    const step = dt[i + 1] ?? null;
    const byClock = (t[i] ?? 0) + offset;
    const elapsed = step !== null && (seq[i + 1] ?? 0) === (seq[i] ?? 0) + 1 ? step : after - byClock;
    if (elapsed <= 0) {
      places[i] = after - intervalMs;
    } else {
      places[i] = Math.abs(byClock - (after - elapsed)) < intervalMs / 2 ? byClock : after - elapsed;
    }
  }

  return places;
}

/** Moves what is held onto the axis of the backlog. */
function alignHeld(held: Row[], backlog: Backlog, places: readonly number[], intervalMs: number): void {
  if (held.length === 0 || places.length === 0) {
    return;
  }

  const byTime = new Map(backlog.t.map((t, i) => [t, i]));
  const common = held.findLast((row) => backlog.seq[byTime.get(row.t) ?? -1] === row.seq);
  const newest = held[held.length - 1];
  let shift = 0;
  if (common !== undefined) {
    shift = (places[byTime.get(common.t) ?? 0] ?? 0) - common.x;
  } else if (newest !== undefined && newest.x >= (places[0] ?? 0)) {
    // Another run of the server whose clock is behind ours: what we hold still came before it.
    shift = (places[0] ?? 0) - intervalMs - newest.x;
  }

  for (const row of held) {
    row.x += shift;
  }
}
