const second = 1000;
const minute = 60 * second;

/** Steps that people count in, ms. */
const steps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
].map((seconds) => seconds * second);

/** Labels on the time axis at most. */
export const mostLabels = 7;

/** The step of the time axis for a window, ms: the smallest that gives at most seven labels. */
export function timeStep(windowMs: number, most = mostLabels): number {
  return steps.find((step) => windowMs / step <= most) ?? steps.at(-1) ?? minute;
}

/**
 * Places of the labels of a window [x0, x1] on the axis. `offset` is what must be added to a place to give wall-clock
 * time; labels stand at whole steps of wall-clock time in the reader's zone.
 */
export function timeTicks(x0: number, x1: number, offset: number, most = mostLabels): number[] {
  const step = timeStep(x1 - x0, most);
  const ticks: number[] = [];
  const toLocal = offset - zoneOffsetMs(x1 + offset);
  for (let at = Math.ceil((x0 + toLocal) / step) * step - toLocal; at <= x1; at += step) {
    ticks.push(at);
  }

  return ticks;
}

/** What must be taken from local time to give UTC, ms. */
function zoneOffsetMs(unixMs: number): number {
  return new Date(unixMs).getTimezoneOffset() * minute;
}
