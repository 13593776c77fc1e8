// Where the reader is in time: what the shell shows of it. The controller writes, panels read.
import { computed, signal } from '@preact/signals';
import type { Moment } from './answers';
import type { Recorder } from './recorder';

/** What the recorder said last; null when nothing is recorded. */
export const recorder = signal<Recorder | null>(null);

export interface Replayed {
  /** The time that was asked for, Unix ms. */
  readonly at: number;
  /** What is shown; null until the first answer. */
  readonly moment: Moment | null;
  /** How many seconds of the past a second shows; null: it stands still. */
  readonly speed: number | null;
  /** Why the moment that was asked for is not shown; null while nothing is wrong. */
  readonly problem: string | null;
}

/** The moment of the past that the whole page shows; null: it is live. */
export const replay = signal<Replayed | null>(null);

/** Why the tracks cannot draw the part of the past that they show; null while they can. */
export const windowProblem = signal<string | null>(null);

/** The selected range, Unix ms. */
export const range = signal<readonly [number, number] | null>(null);

export const isReplay = computed(() => replay.value !== null);

/** The time that the page shows in replay, Unix ms; null when it is live. */
export const replayTime = computed(() => {
  const { value } = replay;
  return value === null ? null : isEmpty(value.moment) ? value.at : (value.moment?.t ?? value.at);
});

/** Whether nothing was recorded at the moment that is shown. */
export function isEmpty(moment: Moment | null): boolean {
  return moment !== null && (moment.t === null || moment.inGap);
}

/** How fast the past can be played. */
export const speeds = [0.25, 0.5, 1, 2, 4, 10, 30, 60] as const;
