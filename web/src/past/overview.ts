// What the strip shows: the recorder's overview of a long time, and after its end what the page itself has seen since.
import type { Spans } from '../chart/backdrop';
import type { Mark, MarkShape, StripRows } from '../chart/strip-chart';
import type { Token } from '../chart/palette';
import { History } from '../history';
import { CpuModes } from '../tracks/cpu-modes';
import { StallColumns, stallOrder } from '../tracks/stall';
import type { Overview } from './answers';
import type { Questions } from './questions';
import { recorder } from './now';
import type { PastEvent } from './recorder';

/** The overview is asked for again when so much of its end is only known from the live page, ms. */
const refreshMs = 30_000;

/** After an answer, or none, there is no question for so long, ms. */
const pauseMs = 3000;

/** Buckets of one overview at most. */
const mostBuckets = 2000;

export class OverviewRows implements StripRows {
  x: Float64Array<ArrayBufferLike> = new Float64Array(0);
  breaks: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  most: Float64Array<ArrayBufferLike> = new Float64Array(0);
  average: Float64Array<ArrayBufferLike> = new Float64Array(0);
  stalls: [Float64Array, Float64Array, Float64Array] = [new Float64Array(0), new Float64Array(0), new Float64Array(0)];
  count = 0;
  step = 1000;
  answer: Overview | null = null;

  readonly #modes = new CpuModes();
  readonly #stall = new StallColumns();
  readonly #questions: Pick<Questions, 'overview'>;
  readonly #changed: () => void;
  #pausedUntil = -Infinity;
  #isAsking = false;

  constructor(questions: Pick<Questions, 'overview'>, changed: () => void) {
    this.#questions = questions;
    this.#changed = changed;
  }

  /** Makes sure that [x0, x1] is here or on its way, as far as it lies before the newest second. */
  ensure(x0: number, x1: number, points: number, newest: number): void {
    const end = Math.min(x1, newest);
    const here = this.answer;
    const covers = here !== null && here.from <= x0 + here.bucket && here.to >= end - refreshMs;
    const isFine = here !== null && here.bucket <= Math.max(here.resolution, (2.5 * (x1 - x0)) / points);
    const isNarrow = here !== null && here.to - here.from < 3 * (x1 - x0);
    const now = performance.now();
    if ((covers && isFine && isNarrow) || this.#isAsking || now < this.#pausedUntil) {
      return;
    }

    this.#isAsking = true;
    this.#questions
      .overview(x0, end + 1000, Math.min(mostBuckets, Math.max(50, points)))
      .then((answer) => {
        this.answer = answer;
      })
      .catch(() => {
        // The strip shows what it has, and asks again.
      })
      .finally(() => {
        this.#isAsking = false;
        this.#pausedUntil = performance.now() + pauseMs;
        this.#changed();
      });
  }

  /** Puts the recorder's buckets and the live samples after them into one row. */
  compose(live: History): void {
    const { answer } = this;
    const from = answer === null ? -Infinity : answer.to;
    const first = live.newest < 0 ? live.end : firstAfter(live, from);
    const most = (answer?.ticks.length ?? 0) + live.end - first;
    if (this.x.length < most) {
      const size = most + 512;
      [this.x, this.most, this.average] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
      this.breaks = new Uint8Array(size);
      this.stalls = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    }

    this.count = 0;
    this.step = answer?.bucket ?? live.intervalMs;
    this.#addAnswer();
    this.#modes.refresh(live);
    this.#stall.refresh(live);
    for (let i = first; i < live.end; i++) {
      const busy = this.#modes.busy(i);
      const stall = (resource: number): number => this.#stall.share(stallOrder[resource] ?? 0, i) / 100;
      this.#add(live.t[i] ?? 0, live.isGap(i), busy, busy, stall(0), stall(1), stall(2));
    }
  }

  /** Events of the overview and those that came since, oldest first. */
  get events(): readonly PastEvent[] {
    const known = this.answer?.events ?? [];
    const last = known.at(-1)?.id ?? -1;
    const since = recorder.value?.events.filter(({ id, t }) => id > last && t >= (this.answer?.to ?? Infinity)) ?? [];
    return since.length === 0 ? known : [...known, ...since];
  }

  /** Where nothing was recorded; `lostSince`: since when nothing comes any more, or null. */
  missing(x0: number, x1: number, lostSince: number | null): Spans {
    const gaps = (this.answer?.gaps ?? []).filter(([from, to]) => to > x0 && from < x1);
    const all = lostSince === null ? gaps : [...gaps, [lostSince, x1] as const];
    return { places: all.flat(), count: all.length };
  }

  /** Share of the CPUs that was busy at a time; null when that is not known. */
  busyAt(t: number): number | null {
    for (let i = this.count - 1; i >= 0 && (this.x[i] ?? 0) > t - 2 * this.step; i--) {
      if ((this.x[i] ?? 0) <= t + this.step / 2) {
        const busy = this.average[i] ?? NaN;
        return Number.isNaN(busy) ? null : busy;
      }
    }

    return null;
  }

  /** The end of the bucket in a range in which the CPU was busiest. */
  peak(from: number, to: number): number | null {
    let [best, most] = [-1, -1];
    for (let i = 0; i < this.count; i++) {
      const [x, busy] = [this.x[i] ?? 0, this.most[i] ?? NaN];
      if (x >= from && x <= to && busy > most) {
        [best, most] = [i, busy];
      }
    }

    return best < 0 ? null : Math.min(to, (this.x[best] ?? 0) + this.step / 2 - 1);
  }

  #addAnswer(): void {
    const { answer } = this;
    if (answer === null) {
      return;
    }

    // One empty bucket among buckets of one sample is a sample that came early by a hair.
    const joined = answer.bucket < 1.5 * answer.resolution ? 2 : 1;
    let before = -1;
    for (let i = 0; i < answer.ticks.length; i++) {
      if ((answer.ticks[i] ?? 0) > 0) {
        const share = (busy: number | undefined): number => (busy ?? NaN) / (answer.cpus ?? NaN);
        this.#add(
          answer.from + (i + 0.5) * answer.bucket,
          i - before > joined && before >= 0,
          share(answer.cpuMax[i]),
          share(answer.cpuAvg[i]),
          answer.cpuStallMax[i] ?? NaN,
          answer.memoryStallMax[i] ?? NaN,
          answer.ioStallMax[i] ?? NaN,
        );
        before = i;
      }
    }
  }

  #add(x: number, isAfterGap: boolean, most: number, average: number, ...stalls: readonly number[]): void {
    const at = this.count++;
    this.x[at] = x;
    this.breaks[at] = isAfterGap ? 1 : 0;
    this.most[at] = most;
    this.average[at] = average;
    stalls.forEach((stall, lane) => {
      (this.stalls[lane] as Float64Array)[at] = stall;
    });
  }
}

/** Index of the first sample after a wall-clock time. */
function firstAfter(live: History, t: number): number {
  let i = live.end;
  while (i > live.start && (live.t[i - 1] ?? 0) >= t) {
    i--;
  }

  return i;
}

const markOf: Readonly<Record<string, readonly [MarkShape, Token]>> = {
  oomKill: ['square', 'crit'],
  quarantine: ['square', 'crit'],
  boot: ['circle', 'text3'],
  recorderStarted: ['circle', 'text3'],
  recorderStopped: ['bar', 'text3'],
  gap: ['bar', 'text3'],
  clockStep: ['bar', 'text3'],
  mark: ['triangle', 'text'],
  cgroupAppeared: ['triangle', 'text3'],
  cgroupGone: ['triangle', 'text3'],
  filesystemFilling: ['square', 'attn-g'],
};

export function marksOf(events: readonly PastEvent[]): Mark[] {
  return events.map(({ t, kind }) => {
    const [shape, colour] = markOf[kind] ?? ['circle', 'text3'];
    return { x: t, shape, colour };
  });
}
