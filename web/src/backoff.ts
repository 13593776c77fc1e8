/** The shortest wait before dialling again, ms: a restart of the server is usually over by then. */
export const shortestRetryMs = 500;

/** The longest wait, ms: a page left open over night is live again at most this long after its server is. */
export const longestRetryMs = 10_000;

/**
 * How long to wait before attempt `attempt` (from 0), ms. The upper end doubles with each attempt and the wait is drawn
 * evenly below it, so that the pages of a restarted server do not all return in the same moment.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const upper = Math.min(longestRetryMs, shortestRetryMs * 2 ** (Math.min(Math.max(attempt, 0), 16) + 1));
  return shortestRetryMs + random * (upper - shortestRetryMs);
}
