// Goes through the past: which moment is shown, which window stands around it, what the address says.
import { heldMs, History } from '../history';
import { windowMs } from '../settings';
import { clampWindow } from '../state';
import type { Amount, LargeUser } from '../tables/largest';
import type { Tables } from '../tables/tables';
import type { Series } from '../wire';
import type { Moment } from './answers';
import { Moments } from './moments';
import { isEmpty, range, recorder, replay, type Replayed, replayTime, speeds, windowProblem } from './now';
import { PastTables } from './past-tables';
import type { Questions } from './questions';
import { drawnSeries } from './series';
import { PastWindow } from './window';

/** What the tracks draw instead of the newest samples. */
export interface Picture {
  readonly window: History;
  readonly x0: number;
  readonly x1: number;
  readonly knownFrom: number;
  readonly knownTo: number;
  /** How far after its last sample the next one is missed, ms. */
  readonly slack: number;
  /** The second whose values are shown; null: nothing was recorded. */
  readonly second: History | null;
  readonly playhead: number | null;
}

/** Selections shorter than this are clicks, ms. */
export const leastRange = 3000;

/** Faster than this, seconds are skipped. */
const mostStepsPerSecond = 4;

/** The playhead stays this share of the window away from its edges while it moves by itself. */
const margin = 0.04;

export interface ReplayHost {
  readonly live: History;
  readonly tables: Tables;
  redraw(): void;
  /** Width of the plots, CSS pixels. */
  plotWidth(): number;
  /** The series of the live schema. */
  schema(): readonly Series[];
  /** The address changed: `isNew` where Back should lead to what was before. */
  moved(isNew: boolean): void;
}

export class Replay {
  readonly #host: ReplayHost;
  readonly #moments: Moments;
  readonly #window: PastWindow;
  readonly #tables = new PastTables();
  readonly #nothing = new History(() => false);
  #second: History | null = null;
  #x0 = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawn: readonly Series[] = [];
  #drawnFrom: readonly Series[] | null = null;
  #isAsking = false;
  /** The time whose moment is shown. */
  #appliedAt = NaN;

  constructor(host: ReplayHost, questions: Questions) {
    this.#host = host;
    this.#moments = new Moments(questions);
    this.#window = new PastWindow(questions, (error) => {
      windowProblem.value = error === null ? null : wordsOf(error);
      host.redraw();
    });
  }

  /** Wall-clock time of the newest sample that can be shown. */
  get newest(): number {
    const { live } = this.#host;
    const seen = live.newest < 0 ? NaN : (live.t[live.newest] ?? NaN);
    const known = recorder.value;
    return known === null ? NaN : known.state === 'recording' && seen > 0 ? seen : (known.newest ?? seen);
  }

  /** What is drawn; null: the newest samples, as they come. */
  picture(growthMs: number): Picture | null {
    if (recorder.value === null) {
      return null;
    }

    const shown = replay.value;
    const width = windowMs.value;
    if (shown === null && width <= heldMs) {
      windowProblem.value = null;
      return null;
    }

    const x0 = shown === null ? this.newest + growthMs - width : this.#x0;
    const x1 = x0 + width;
    this.#window.ensure(x0, x1, this.#points(width), this.newest, this.#series(shown?.moment ?? null));
    const window = this.#window.history ?? this.#nothing;
    const oldest = recorder.value.oldest ?? this.newest;
    return {
      window,
      x0,
      x1,
      knownFrom: Math.max(this.#window.from, oldest),
      knownTo: Math.min(this.#window.to, this.newest),
      slack: 1.5 * this.#window.bucket + this.#host.live.intervalMs,
      second: shown === null ? this.#host.live : this.#second,
      playhead: shown === null ? null : (this.#isNothing(shown) ? shown.at : (shown.moment?.t ?? shown.at)),
    };
  }

  /** Shows a moment. `isNew`: Back leads to what is shown now. */
  enter(at: number, isNew: boolean, keepsWindow = false): void {
    if (recorder.value === null) {
      return;
    }

    const target = Math.min(at, this.newest);
    const before = replay.value;
    if (!keepsWindow) {
      this.#place(target, before === null);
    }

    this.#show(target, before?.speed ?? null);
    this.#host.moved(isNew);
  }

  /** The processes that used most of something in a second, as far as that second is here. */
  largest(amount: Amount, t: number): readonly LargeUser[] | null {
    return this.#moments.largest(amount, t);
  }

  /** Follows the newest again. */
  live(isNew = true): void {
    if (replay.value === null && range.value === null) {
      return;
    }

    clearTimeout(this.#timer);
    this.#moments.stop();
    this.#host.tables.show(null);
    this.#second = null;
    this.#appliedAt = NaN;
    replay.value = null;
    range.value = null;
    if (windowMs.value <= heldMs) {
      this.#window.clear();
    }

    this.#host.moved(isNew);
    this.#host.redraw();
  }

  /** Goes by one sample (±1) or by a time, from the second that is shown. */
  step(by: { readonly samples: 1 | -1 } | { readonly ms: number }): void {
    const shown = replay.value;
    const interval = this.#host.live.intervalMs;
    if (shown !== null && this.#isAsking && this.#moments.find(shown.at) === null) {
      // It is still on its way, and the next press of a key counts on from it.
      this.#go(shown.at + ('ms' in by ? by.ms : by.samples * interval));
    } else if ('ms' in by) {
      this.#go((replayTime.value ?? this.newest) + by.ms);
    } else {
      this.#go(this.#neighbour(shown, by.samples));
    }
  }

  /** Asks once more for what the server did not answer. */
  retry(): void {
    const shown = replay.value;
    if (shown !== null && shown.problem !== null) {
      this.#show(shown.at, shown.speed);
    }
  }

  /** Plays from here, or stands still. From live: stands still where it is. */
  pause(): void {
    const shown = replay.value;
    if (shown === null) {
      this.enter(this.newest, true);
    } else {
      this.#play(shown.speed === null ? 1 : null);
    }
  }

  /** Plays faster or slower; from standing still it begins. */
  faster(by: 1 | -1): void {
    const speed = replay.value?.speed ?? null;
    const index = speed === null ? speeds.indexOf(1) : speeds.indexOf(speed as (typeof speeds)[number]) + by;
    if (replay.value !== null) {
      this.#play(speeds[Math.max(0, Math.min(speeds.length - 1, index))] ?? 1);
    }
  }

  /** Selects a range and shows a moment in it. */
  select(from: number, to: number, at: number): void {
    if (recorder.value !== null) {
      range.value = [Math.round(Math.min(from, to)), Math.round(Math.min(Math.max(from, to), this.newest))];
      this.enter(at, true);
    }
  }

  clearRange(): void {
    if (range.value !== null) {
      range.value = null;
      this.#host.moved(true);
      this.#host.redraw();
    }
  }

  /** Moves the window so that it begins at a time, and the playhead with it when it would be left behind. */
  pan(x0: number): void {
    const width = windowMs.value;
    const shown = replay.value;
    const share = shown === null ? 1 : (shown.at - this.#x0) / width;
    this.#x0 = Math.min(x0, this.newest - width);
    this.enter(this.#x0 + Math.min(1, Math.max(0, share)) * width, shown === null, true);
  }

  /** Makes the window another length around a time that keeps its place. */
  zoom(width: number, around: number): void {
    const share = (around - this.#x0) / windowMs.value;
    windowMs.value = clampWindow(width);
    if (replay.value !== null) {
      this.#x0 = Math.min(around - share * windowMs.value, this.newest - windowMs.value);
      this.#host.moved(false);
    }

    this.#host.redraw();
  }

  /** Shows a whole range. */
  frame(from: number, to: number): void {
    windowMs.value = clampWindow((to - from) * 1.15);
    this.#x0 = Math.min((from + to) / 2 - windowMs.value / 2, this.newest - windowMs.value);
    this.#host.moved(false);
    this.#host.redraw();
  }

  #points(width: number): number {
    const interval = this.#host.live.intervalMs;
    // A few more than fit: the server's buckets begin at whole multiples of their width.
    return width <= heldMs ? Math.ceil(width / interval) + 4 : Math.max(100, this.#host.plotWidth());
  }

  /** What to load: the series of that time, as soon as it is known which those were. */
  #series(moment: Moment | null): readonly Series[] {
    const schema = moment?.schema?.series ?? this.#host.schema();
    if (schema !== this.#drawnFrom) {
      const drawn = drawnSeries(schema);
      const isSame = drawn.length === this.#drawn.length && drawn.every(({ key }, i) => key === this.#drawn[i]?.key);
      this.#drawn = isSame ? this.#drawn : drawn;
      this.#drawnFrom = schema;
    }

    return this.#drawn;
  }

  #isNothing(shown: Replayed | null): boolean {
    return shown !== null && isEmpty(shown.moment);
  }

  /** The time at which the sample before or after what is shown can be had. */
  #neighbour(shown: Replayed | null, samples: 1 | -1): number {
    const interval = this.#host.live.intervalMs;
    const from = shown?.moment?.t ?? null;
    // It may have been the newest when it was fetched.
    const moment = from === null ? (shown?.moment ?? null) : (this.#moments.atTick(from) ?? shown?.moment ?? null);
    if (shown !== null && moment !== null && isEmpty(moment)) {
      const after = moment.noData?.after ?? moment.after;
      return (samples === 1 ? after : (moment.t ?? moment.noData?.before)) ?? shown.at;
    }

    const known = samples === 1 ? moment?.after : moment?.before;
    const at = from ?? replayTime.value ?? this.newest;
    if (known !== null && known !== undefined) {
      return known;
    }

    // Ticks come early or late by a hair; the tick after this one is the last before one and a half intervals.
    return samples === -1 || this.newest <= at ? at + samples * interval : Math.min(at + 1.5 * interval, this.newest);
  }

  /** Goes on from a moment to another; beyond the newest one lies the present. */
  #go(at: number): void {
    const interval = this.#host.live.intervalMs;
    if (at > this.newest + interval / 2) {
      this.live();
      return;
    }

    const oldest = recorder.value?.oldest ?? at;
    this.enter(Math.max(at, oldest), replay.value === null);
  }

  /** Keeps the window where it is while the moment lies in it; else puts the moment into its middle. */
  #place(at: number, wasLive: boolean): void {
    const width = windowMs.value;
    const x0 = wasLive ? this.newest - width : this.#x0;
    const edge = margin * width;
    const isInside = at >= x0 + (wasLive ? 0 : edge) && at <= x0 + width - (this.#isPlaying ? width / 3 : 0);
    const isAtEnd = at >= x0 && at <= x0 + width && x0 + width >= this.newest - edge;
    this.#x0 = isInside || isAtEnd ? x0 : Math.min(at - width / 2, this.newest - width);
  }

  get #isPlaying(): boolean {
    return (replay.value?.speed ?? null) !== null;
  }

  #show(at: number, speed: number | null): void {
    const known = this.#moments.find(at);
    if (known !== null) {
      this.#apply(at, known, speed);
      return;
    }

    replay.value = { at, moment: replay.value?.moment ?? null, speed, problem: null };
    this.#host.redraw();
    if (!this.#isAsking) {
      void this.#ask();
    }
  }

  /** Asks for the moment that is wanted, one question at a time, until it is the one that was asked for. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    for (let wanted = replay.value; wanted !== null; wanted = this.#unknown()) {
      const { at } = wanted;
      try {
        this.#answered(at, await this.#moments.fetch(at));
      } catch (error) {
        const isGivenUp = error instanceof DOMException && error.name === 'AbortError';
        if (replay.value?.at === at && !isGivenUp) {
          replay.value = { ...replay.value, speed: null, problem: wordsOf(error) };
          break;
        }
      }
    }

    this.#isAsking = false;
  }

  /** What is wanted, when it is not shown yet. */
  #unknown(): Replayed | null {
    const wanted = replay.value;
    return wanted === null || wanted.at === this.#appliedAt ? null : wanted;
  }

  /** Shows an answer; one that has been overtaken is shown on the way to what is wanted now. */
  #answered(at: number, moment: Moment): void {
    const wanted = replay.value;
    if (wanted !== null && wanted.at === at) {
      this.#apply(at, moment, wanted.speed);
    } else if (wanted !== null && wanted.at !== this.#appliedAt && !isEmpty(moment)) {
      this.#draw(wanted.at, moment, wanted.speed);
    }
  }

  /** Shows the moment that was asked for, and fetches its neighbours. */
  #apply(at: number, moment: Moment, speed: number | null): void {
    this.#appliedAt = at;
    this.#draw(at, moment, speed);
    if (!isEmpty(moment)) {
      const wasStep = this.#tables.isStep;
      this.#moments.prefetch(moment, () => {
        // The trends of a moment that was jumped to begin with it alone; after a step they have their past already.
        if (wasStep || replay.value?.moment !== moment) {
          return;
        }

        this.#tables.show(moment, this.#moments, this.#host.live.intervalMs, true);
        this.#host.redraw();
      });
    }

    this.#again();
  }

  #draw(at: number, moment: Moment, speed: number | null): void {
    const nothing = isEmpty(moment);
    const { schema, frame } = moment;
    this.#second = null;
    if (!nothing && schema !== null && frame !== null) {
      this.#second = new History(() => true, this.#host.live.intervalMs);
      this.#second.setSchema(schema.series);
      this.#second.append(frame);
    }

    this.#tables.show(nothing ? null : moment, this.#moments, this.#host.live.intervalMs);
    this.#host.tables.show(this.#tables, this.#tables.isStep);
    replay.value = { at, moment, speed, problem: null };
    this.#host.redraw();
  }

  #play(speed: number | null): void {
    if (replay.value !== null) {
      replay.value = { ...replay.value, speed };
      this.#again();
    }
  }

  /** Plans the next step of a replay that plays. */
  #again(): void {
    clearTimeout(this.#timer);
    const shown = replay.value;
    if (shown === null || shown.speed === null) {
      return;
    }

    const { speed } = shown;
    const isEach = speed <= mostStepsPerSecond;
    this.#timer = setTimeout(() => {
      if (replay.value?.speed !== speed) {
        return;
      }

      if (document.hidden) {
        this.#again();
        return;
      }

      this.step(isEach ? { samples: 1 } : { ms: (1000 * speed) / mostStepsPerSecond });
    }, isEach ? this.#host.live.intervalMs / speed : 1000 / mostStepsPerSecond);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
