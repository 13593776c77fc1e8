// Rows must not move under a hand. While the pointer is over a table, it has the keyboard focus, or Ctrl is down, the
// order is held: values go on, rows stay.

/** How long after the last reason has gone the order is still held, ms: leaving by a few pixels is no leaving. */
export const releaseAfterMs = 600;

export type Reason = 'pointer' | 'focus' | 'ctrl';

export interface Hold {
  readonly reasons: ReadonlySet<Reason>;
  /** Monotonic time until which the order is held though no reason is left, ms. */
  readonly until: number;
}

export const released: Hold = { reasons: new Set(), until: -Infinity };

/** The hold after a reason came or went at a moment of the monotonic clock. */
export function held(hold: Hold, reason: Reason, isOn: boolean, now: number): Hold {
  if (hold.reasons.has(reason) === isOn) {
    return hold;
  }

  const reasons = new Set(hold.reasons);
  if (isOn) {
    reasons.add(reason);
  } else {
    reasons.delete(reason);
  }

  return { reasons, until: reasons.size === 0 ? now + releaseAfterMs : hold.until };
}

export function isHeld(hold: Hold, now: number): boolean {
  return hold.reasons.size > 0 || now < hold.until;
}

/** A row of a table that can be held. */
export interface Holdable {
  readonly key: string;
}

export interface HeldRows<T> {
  readonly rows: readonly T[];
  /** New rows that belong above the last of the rows in sight; they stand at the end for now. */
  readonly newAbove: number;
}

/**
 * Rows in the order in which they were shown, with their newest content; what has gone stays as it was last, what is
 * new comes at the end. `inSight` is how many of the rows the reader sees or has scrolled past.
 */
export function keepOrder<T extends Holdable>(
  shown: readonly T[],
  sorted: readonly T[],
  inSight: number,
): HeldRows<T> {
  const byKey = new Map(sorted.map((row) => [row.key, row]));
  const shownKeys = new Set(shown.map((row) => row.key));
  const kept = shown.map((row) => byKey.get(row.key) ?? row);
  const added = sorted.filter((row) => !shownKeys.has(row.key));
  let newAbove = 0;
  let seen = 0;
  for (const row of sorted) {
    if (seen >= inSight) {
      break;
    }

    if (shownKeys.has(row.key)) {
      seen++;
    } else {
      newAbove++;
    }
  }

  // What only comes after all that was shown is not above anything.
  return { rows: [...kept, ...added], newAbove: seen === 0 ? 0 : newAbove };
}
