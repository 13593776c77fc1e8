import { duration, fixed } from '../format';
import type { ProcessSummary } from './processes';

/** Less than this rounds to nothing, CPUs. */
const leastShown = 0.005;

/** What the head says beside the number of processes: only what there is. */
export function headNote(summary: ProcessSummary, stuck: number, intervalMs: number): string {
  const { total, running, sent, hidden, interval, shortLived, unattributed } = summary;
  const parts = [`${running} running`];
  if (stuck > 0) {
    parts.push(`${stuck} in D`);
  }

  if (sent !== null && sent < total) {
    parts.push(`the ${sent} largest shown`);
  }

  if (hidden !== null && hidden > 0) {
    parts.push(`${hidden} hidden by the kernel`);
  }

  if (shortLived !== null && shortLived > 0) {
    parts.push(`${shortLived} short-lived`);
  }

  if (unattributed !== null && unattributed >= leastShown) {
    parts.push(`${fixed(unattributed, 2)} cores unattributed`);
  }

  if (interval > 1) {
    const every = duration((interval * intervalMs) / 1000);
    parts.push(`scanned every ${every} to stay within its share of a core`);
  }

  return parts.join(' · ');
}
