// Seconds of the past that were asked for, and those that are likely to be asked for next.
import { type Amount, type LargeUser, mostLargest } from '../tables/largest';
import type { ProcessValues } from '../tables/messages';
import type { Moment } from './answers';
import type { Questions } from './questions';

/** Moments that are kept at most, 30 MB: a table of 600 processes is 0.3 MB once it is read. */
const mostMoments = 96;

/** How many seconds on either side are fetched before they are asked for. */
const aheadCount = 30;

export class Moments {
  readonly #questions: Pick<Questions, 'moment'>;
  /** By the time of their tick; the one used last comes last. */
  readonly #byTick = new Map<number, Moment>();
  #fetching: AbortController | null = null;
  #prefetching: AbortController | null = null;

  constructor(questions: Pick<Questions, 'moment'>) {
    this.#questions = questions;
  }

  /** The moment at a time, if it is here. */
  find(at: number): Moment | null {
    for (const moment of this.#byTick.values()) {
      const { t, after, inGap } = moment;
      if (t !== null && !inGap && t <= at && (after === null ? at - t < moment.resolution : at < after)) {
        this.#keep(moment);
        return moment;
      }
    }

    return null;
  }

  /** The moment whose tick is at exactly this time, if it is here. */
  atTick(t: number): Moment | null {
    return this.#byTick.get(t) ?? null;
  }

  /** The processes that used most of something at a time; null when that moment is not here. */
  largest(amount: Amount, at: number): readonly LargeUser[] | null {
    const processes = this.find(at)?.processes ?? null;
    if (processes === null) {
      return null;
    }

    const infos = new Map(processes.info.map((info) => [info.pid, info]));
    const valueOf = (row: ProcessValues): number => {
      return (amount === 'io' ? (row.read ?? 0) + (row.write ?? 0) : row[amount]) ?? 0;
    };
    return [...processes.rows]
      .sort((a, b) => valueOf(b) - valueOf(a))
      .slice(0, mostLargest)
      .filter((row) => valueOf(row) > 0)
      .map((row) => {
        const info = infos.get(row.pid);
        const cgroup = info?.isKernel === true ? 'kernel' : (info?.cgroup ?? null);
        return { name: info?.name ?? String(row.pid), cgroup, value: valueOf(row) };
      });
  }

  /** Fetches the moment at a time; an earlier question that is still open is given up. */
  async fetch(at: number): Promise<Moment> {
    this.#fetching?.abort();
    this.#prefetching?.abort();
    const stop = new AbortController();
    this.#fetching = stop;
    const moment = await this.#questions.moment(at, true, stop.signal);
    this.#keep(moment);
    return moment;
  }

  /** Fetches what stepping from here would show; `before` is called when the seconds before it are here. */
  prefetch(moment: Moment, before: () => void): void {
    this.#prefetching?.abort();
    const stop = new AbortController();
    this.#prefetching = stop;
    void this.#walk(moment, 1, aheadCount, stop.signal);
    void this.#walk(moment, -1, aheadCount, stop.signal).then(() => {
      if (!stop.signal.aborted) {
        before();
      }
    });
  }

  /** Ends what is on its way. */
  stop(): void {
    this.#fetching?.abort();
    this.#prefetching?.abort();
  }

  async #walk(from: Moment, direction: 1 | -1, count: number, signal: AbortSignal): Promise<void> {
    let current = from;
    for (let i = 0; i < count && !signal.aborted; i++) {
      const at = direction === 1 ? current.after : current.before;
      if (at === null) {
        return;
      }

      const known = this.#byTick.get(at);
      if (known !== undefined && (known.after !== null || direction === -1)) {
        current = known;
        continue;
      }

      try {
        current = await this.#questions.moment(at, false, signal);
        this.#keep(current);
      } catch {
        // What was only likely to be wanted is asked for again when it is wanted.
        return;
      }
    }
  }

  #keep(moment: Moment): void {
    if (moment.t !== null && !moment.inGap) {
      this.#byTick.delete(moment.t);
      this.#byTick.set(moment.t, moment);
      const [oldest] = this.#byTick.keys();
      if (this.#byTick.size > mostMoments && oldest !== undefined) {
        this.#byTick.delete(oldest);
      }
    }
  }
}
