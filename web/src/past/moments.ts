// Seconds of the past that were asked for, and those that are likely to be asked for next.
import { type Amount, largestOf, type LargeUser } from '../tables/largest';
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
  /** Questions on their way, by the time that they ask for. */
  readonly #coming = new Map<number, Promise<Moment>>();
  readonly #walks = new Map<1 | -1, AbortController>();
  #fetching: AbortController | null = null;
  /** From where seconds are fetched ahead, and who is told when those before it are here. */
  #centre: Moment | null = null;
  #whenBefore: () => void = () => undefined;

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
    return largestOf(processes.rows, valueOf).map((row) => {
      const info = infos.get(row.pid);
      const cgroup = info?.isKernel === true ? 'kernel' : (info?.cgroup ?? null);
      return { name: info?.name ?? String(row.pid), cgroup, value: valueOf(row) };
    });
  }

  /**
   * Fetches the moment at a time. A question for it that is on its way is not asked twice; any other, and what is
   * fetched ahead elsewhere, is given up.
   */
  async fetch(at: number): Promise<Moment> {
    const coming = this.#coming.get(at);
    if (coming !== undefined) {
      return coming;
    }

    this.stop();
    this.#fetching = new AbortController();
    return this.#ask(at, true, this.#fetching.signal);
  }

  /** Fetches what stepping from here would show; `before` is called when the seconds before it are here. */
  prefetch(moment: Moment, before: () => void): void {
    this.#centre = moment;
    this.#whenBefore = before;
    for (const direction of [1, -1] as const) {
      // A walk that is under way goes on from the new place.
      if (!this.#walks.has(direction)) {
        void this.#walk(direction);
      }
    }
  }

  /** Ends what is on its way. */
  stop(): void {
    this.#fetching?.abort();
    this.#walks.forEach((walk) => walk.abort());
    this.#walks.clear();
    this.#coming.clear();
  }

  #ask(at: number, urgent: boolean, signal: AbortSignal): Promise<Moment> {
    const answer = this.#questions.moment(at, urgent, signal).then((moment) => {
      this.#keep(moment);
      return moment;
    });
    this.#coming.set(at, answer);
    const forget = (): void => {
      if (this.#coming.get(at) === answer) {
        this.#coming.delete(at);
      }
    };
    answer.then(forget, forget);
    return answer;
  }

  async #walk(direction: 1 | -1): Promise<void> {
    const stop = new AbortController();
    this.#walks.set(direction, stop);
    try {
      for (let at = this.#missing(direction); at !== null; at = this.#missing(direction)) {
        const { t } = await this.#ask(at, false, stop.signal);
        if (stop.signal.aborted || t !== at) {
          break;
        }
      }
    } catch {
      // What was only likely to be wanted is asked for again when it is wanted.
    }

    if (!stop.signal.aborted) {
      this.#walks.delete(direction);
      if (direction === -1) {
        this.#whenBefore();
      }
    }
  }

  /** The tick next to the centre that is not here; null when so many are, or the recording ends. */
  #missing(direction: 1 | -1): number | null {
    let current = this.#centre;
    for (let i = 0; i < aheadCount && current !== null; i++) {
      const at: number | null = direction === 1 ? current.after : current.before;
      const known: Moment | undefined = at === null ? undefined : this.#byTick.get(at);
      if (known === undefined) {
        return at;
      }

      current = known;
    }

    return null;
  }

  #keep(moment: Moment): void {
    if (moment.t !== null && !moment.inGap) {
      this.#byTick.delete(moment.t);
      this.#byTick.set(moment.t, moment);
      // What was the newest when it was asked for has a successor now.
      const earlier = moment.before === null ? undefined : this.#byTick.get(moment.before);
      if (earlier?.after === null && earlier.t !== null) {
        this.#byTick.set(earlier.t, { ...earlier, after: moment.t });
      }

      const [oldest] = this.#byTick.keys();
      if (this.#byTick.size > mostMoments && oldest !== undefined) {
        this.#byTick.delete(oldest);
      }
    }
  }
}
