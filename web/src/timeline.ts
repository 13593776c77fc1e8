// Where the page stands in time: one state, changed only by the pure `next`, read only through the pure `phaseAt`.
// Panels are told the phase; they never ask the socket.

/** Up to this many intervals after a sample the page is live; ordinary jitter stays below it. */
export const lateAfterIntervals = 1.5;

/** From this many intervals on the values are stale and say their age. */
export const staleAfterIntervals = 3;

/** A connection without a sample for so many intervals is given up and dialled anew (never before `silenceFloorMs`). */
export const silenceIntervals = 5;
export const silenceFloorMs = 8_000;

/** A link that has been down for so long counts as offline, ms. Dialling goes on. */
export const offlineAfterMs = 30_000;

export interface Timeline {
  readonly link: 'closed' | 'opening' | 'open';
  /** When the page began, on the monotonic clock, ms. */
  readonly startedAt: number;
  readonly intervalMs: number;
  /** Monotonic time at which the newest sample was taken, as far as its arrival tells; null before the first. */
  readonly newestAt: number | null;
  /** When the link that is now open was opened. */
  readonly openedAt: number;
  /** Since when there has been no open link; null while there is one. */
  readonly downSince: number | null;
  /** Attempts since the last sample. */
  readonly attempt: number;
  /** When the next attempt is due; null while none is planned. */
  readonly retryAt: number | null;
  /** Whether the server said that it was going away. */
  readonly closedCleanly: boolean;
}

export type TimelineEvent =
  | { readonly type: 'dial'; readonly at: number }
  | { readonly type: 'open'; readonly at: number }
  | { readonly type: 'hello'; readonly at: number; readonly intervalMs: number; readonly newestAgeMs: number | null }
  | { readonly type: 'frame'; readonly at: number }
  | { readonly type: 'close'; readonly at: number; readonly code: number; readonly retryInMs: number };

export type PhaseName = 'connecting' | 'live' | 'late' | 'stale' | 'reconnecting' | 'offline';

export interface Phase {
  readonly name: PhaseName;
  /** Age of the newest sample, ms; null when there is none. */
  readonly ageMs: number | null;
  /** How long the page has been without a link, ms; 0 with one. */
  readonly downMs: number;
  /** Time until the next attempt, ms; null when none is planned. */
  readonly retryInMs: number | null;
  readonly attempt: number;
  readonly closedCleanly: boolean;
  /** How long the page has been waiting for its first sample, ms; 0 after it. */
  readonly waitedMs: number;
}

/** The state of a page that has just been opened. */
export function begin(at: number): Timeline {
  return {
    link: 'closed',
    startedAt: at,
    intervalMs: 1000,
    newestAt: null,
    openedAt: at,
    downSince: at,
    attempt: 0,
    retryAt: null,
    closedCleanly: false,
  };
}

/** The state after an event. */
export function next(state: Timeline, event: TimelineEvent): Timeline {
  switch (event.type) {
    case 'dial':
      return { ...state, link: 'opening', retryAt: null, attempt: state.attempt + 1 };
    case 'open':
      return { ...state, link: 'open', openedAt: event.at, downSince: null, retryAt: null };
    case 'hello': {
      // Both times of a hello are the server's, so their difference is an age that needs no common clock.
      const newestAt = event.newestAgeMs === null ? state.newestAt : event.at - Math.max(0, event.newestAgeMs);
      return { ...state, intervalMs: event.intervalMs, newestAt };
    }

    case 'frame':
      return { ...state, newestAt: event.at, attempt: 0, closedCleanly: false };
    case 'close':
      return {
        ...state,
        link: 'closed',
        downSince: state.downSince ?? event.at,
        retryAt: event.at + event.retryInMs,
        closedCleanly: event.code === 1001 || (state.closedCleanly && event.code === 1006),
      };
  }
}

/** What the page is in at a moment of the monotonic clock. */
export function phaseAt(state: Timeline, now: number): Phase {
  const ageMs = state.newestAt === null ? null : Math.max(0, now - state.newestAt);
  const downMs = state.downSince === null ? 0 : Math.max(0, now - state.downSince);
  return {
    name: nameAt(state, ageMs, downMs),
    ageMs,
    downMs,
    retryInMs: state.retryAt === null ? null : Math.max(0, state.retryAt - now),
    attempt: state.attempt,
    closedCleanly: state.closedCleanly,
    waitedMs: state.newestAt === null ? Math.max(0, now - state.startedAt) : 0,
  };
}

/** Whether an open link has been silent for so long that it is better dialled anew. */
export function isSilent(state: Timeline, now: number): boolean {
  if (state.link !== 'open') {
    return false;
  }

  const heard = Math.max(state.openedAt, state.newestAt ?? 0);
  return now - heard > Math.max(silenceFloorMs, silenceIntervals * state.intervalMs);
}

function nameAt(state: Timeline, ageMs: number | null, downMs: number): PhaseName {
  if (state.link !== 'open' && downMs > offlineAfterMs) {
    return 'offline';
  }

  if (ageMs === null) {
    return state.attempt > 1 && state.link !== 'open' ? 'reconnecting' : 'connecting';
  }

  if (state.link !== 'open') {
    return 'reconnecting';
  }

  if (ageMs <= lateAfterIntervals * state.intervalMs) {
    return 'live';
  }

  return ageMs <= staleAfterIntervals * state.intervalMs ? 'late' : 'stale';
}
