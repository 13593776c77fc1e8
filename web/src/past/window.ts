// What the tracks draw of the past: one range of the recorder at a time, wider than the window, so that moving it a
// little needs no question.
import { retryDelayMs } from '../backoff';
import { type BucketColumn, History } from '../history';
import type { Series } from '../wire';
import type { PastRange } from './answers';
import { mostSeries, type Questions } from './questions';

/** Buckets in one answer at most. */
const mostPoints = 2000;

/** A range whose end is now is asked for again after this many ms at the earliest. */
const refreshMs = 4000;

/** Buckets of less than this many samples are samples. */
const rawFactor = 1.5;

/** What the tracks want to draw. */
interface Wish {
  readonly x0: number;
  readonly x1: number;
  readonly points: number;
  readonly newest: number;
  readonly series: readonly Series[];
}

export class PastWindow {
  history: History | null = null;
  /** The range that is loaded; samples outside of it are not known. */
  from = NaN;
  to = NaN;
  /** Width of the buckets and resolution of what they were made from, ms. */
  bucket = 1000;
  resolution = 1000;

  readonly #questions: Pick<Questions, 'range'>;
  readonly #changed: (error: unknown) => void;
  /** What was asked for last, in coarse steps: an answer that does not serve it is not asked for at once again. */
  #wanted = '';
  #askedAt = -Infinity;
  /** Whether what was asked for last reached up to now. */
  #endsNow = false;
  /** The one question on its way. */
  #loading: AbortController | null = null;
  /** The newest wish that came meanwhile. */
  #waiting: Wish | null = null;
  #failures = 0;
  #pausedUntil = -Infinity;

  constructor(questions: Pick<Questions, 'range'>, changed: (error: unknown) => void) {
    this.#questions = questions;
    this.#changed = changed;
  }

  /**
   * Makes sure that [x0, x1] is loaded or on its way, in at least `points` buckets, as far as it lies before `newest`.
   * One question at a time is on its way; of the wishes that come meanwhile the newest is heard after its answer.
   * @param series What to load, in the order of its importance.
   */
  ensure(x0: number, x1: number, points: number, newest: number, series: readonly Series[]): void {
    const wish = { x0, x1, points, newest, series };
    if (this.#loading !== null) {
      this.#waiting = wish;
    } else if (performance.now() >= this.#pausedUntil) {
      this.#ask(wish);
    }
  }

  /** Forgets what is loaded and what is on its way. */
  clear(): void {
    this.#loading?.abort();
    this.#loading = this.#waiting = this.history = null;
    this.from = this.to = NaN;
    this.#wanted = '';
  }

  /** Asks for what a wish lacks, if it lacks anything. */
  #ask({ x0, x1, points, newest, series }: Wish): void {
    const width = x1 - x0;
    const end = Math.min(x1, newest);
    const isFine = this.bucket <= Math.max(this.resolution, (1.5 * width) / points);
    const isHere = x0 >= this.from && end <= this.to && isFine && this.#fits(width, points);
    const isGrowing = isFine && this.#endsNow && x0 >= this.from && x0 <= this.to && x1 >= newest;
    const now = performance.now();
    if (isHere || (isGrowing && now - this.#askedAt < Math.max(refreshMs, this.bucket))) {
      return;
    }

    const [from, to] = [x0 - width / 2, Math.min(x1 + width / 2, newest + 1000)];
    const key = `${Math.round(from / (width / 4))} ${Math.round(width)} ${points} ${series.length}`;
    if (key === this.#wanted && now - this.#askedAt < refreshMs) {
      return;
    }

    this.#wanted = key;
    this.#askedAt = now;
    this.#endsNow = to > newest;
    const count = Math.min(mostPoints, Math.max(2, Math.ceil(((to - from) / width) * points) + 4));
    void this.#load(from, to, count, series);
  }

  /** Whether the buckets are not finer than drawing needs by so much that a wider window was loaded for nothing. */
  #fits(width: number, points: number): boolean {
    return width / this.bucket <= 4 * points;
  }

  async #load(from: number, to: number, points: number, series: readonly Series[]): Promise<void> {
    const stop = new AbortController();
    this.#loading = stop;
    const groups: Series[][] = [];
    for (let i = 0; i < series.length; i += mostSeries) {
      groups.push(series.slice(i, i + mostSeries));
    }

    try {
      const { signal } = stop;
      const ask = (group: Series[]): Promise<PastRange> => this.#questions.range(group, from, to, points, signal);
      // All at once: a series that has not come yet would look like one of which nothing was recorded.
      const [first, ...others] = await Promise.all(groups.map(ask));
      if (!signal.aborted) {
        this.#failures = 0;
        if (first !== undefined) {
          const { history, places } = this.#begin(first);
          [first, ...others].forEach((range) => history.add(columnsOf(range, places)));
        }

        this.#ended(null);
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        stop.abort();
        this.#wanted = '';
        this.#pausedUntil = performance.now() + retryDelayMs(++this.#failures, 1);
        this.#waiting = null;
        this.#ended(error);
      }
    }
  }

  /** The question on its way has come to its end: the wish that waited is heard. */
  #ended(error: unknown): void {
    const waiting = this.#waiting;
    this.#loading = this.#waiting = null;
    if (waiting !== null) {
      this.#ask(waiting);
    }

    this.#changed(error);
  }

  #begin(range: PastRange): { history: History; places: number[] } {
    const places: number[] = [];
    range.ticks.forEach((ticks, i) => ticks > 0 && places.push(i));
    const middles = Float64Array.from(places, (i) => range.from + (i + 0.5) * range.bucket);
    const isRaw = range.bucket < rawFactor * range.resolution && range.resolution < 60_000;
    const history = History.ofBuckets(middles, range.bucket, isRaw);
    this.history = history;
    [this.from, this.to, this.bucket, this.resolution] = [range.from, range.to, range.bucket, range.resolution];
    return { history, places };
  }
}

function columnsOf(range: PastRange, places: readonly number[]): BucketColumn[] {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(places, (i) => values[i] ?? NaN);
  return range.series.flatMap(({ series, avg, min, max }): BucketColumn[] => {
    if (series === null) {
      return [];
    }

    return [{ series, avg: pick(avg), min: min === null ? null : pick(min), max: max === null ? null : pick(max) }];
  });
}
