// The upper end of a track whose values have no fixed whole (rates): it grows at once, shrinks late, and never while a
// reader's pointer is in the track.

export type BoundKind = 'decimal' | 'binary';

/** The bound lies this much above the largest value, so that a peak is not cut by the edge. */
const headroom = 1.06;

/** Values must stay below half of the scale for so long before it shrinks, ms. */
export const shrinkAfterMs = 30_000;

const decimalSteps = [1, 1.5, 2, 3, 4, 5, 8, 10];

export interface ScaleState {
  readonly bound: number;
  /** Since when all values have been below half of the bound; null while they are not. */
  readonly smallSince: number | null;
}

/** The next round number at or above a value: 1, 1.5, 2, 3, 4, 5, 8, 10 in decimal, powers of two in binary. */
export function niceBound(value: number, kind: BoundKind): number {
  if (!(value > 0)) {
    return 0;
  }

  if (kind === 'binary') {
    return 2 ** Math.ceil(Math.log2(value) - 1e-9);
  }

  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const step = decimalSteps.find((candidate) => value <= candidate * power * (1 + 1e-9)) ?? 10;
  return step * power;
}

/**
 * The scale for a window whose largest value is `largest`.
 * @param floor The smallest bound: below it differences are noise.
 * @param now Monotonic time, ms.
 * @param held Whether the reader's pointer is in the track.
 */
export function nextScale(
  state: ScaleState | null,
  largest: number,
  kind: BoundKind,
  floor: number,
  now: number,
  held: boolean,
): ScaleState {
  const wanted = Math.max(floor, niceBound(largest * headroom, kind));
  if (state === null) {
    return { bound: wanted, smallSince: null };
  }

  if (held) {
    return state;
  }

  if (wanted > state.bound) {
    return { bound: wanted, smallSince: null };
  }

  if (wanted === state.bound || largest >= state.bound / 2) {
    return state.smallSince === null ? state : { bound: state.bound, smallSince: null };
  }

  const since = state.smallSince ?? now;
  return now - since >= shrinkAfterMs ? { bound: wanted, smallSince: null } : { bound: state.bound, smallSince: since };
}
