const second = 1000;
const minute = 60 * second;

/** Steps that people count in, ms. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * second);

/** Labels on the time axis at most. */
export const mostLabels = 7;

/** The step of the time axis for a window, ms: the smallest that gives at most seven labels. */
export function timeStep(windowMs: number): number {
  return steps.find((step) => windowMs / step <= mostLabels) ?? 60 * minute;
}

/**
 * Places of the labels of a window [x0, x1] on the axis. `offset` is what must be added to a place to give wall-clock
 * time; labels stand at whole steps of wall-clock time.
 */
export function timeTicks(x0: number, x1: number, offset: number): number[] {
  const step = timeStep(x1 - x0);
  const ticks: number[] = [];
  for (let at = Math.ceil((x0 + offset) / step) * step - offset; at <= x1; at += step) {
    ticks.push(at);
  }

  return ticks;
}
