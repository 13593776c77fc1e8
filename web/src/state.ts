// What the shell shows and that changes seldom. Values that change with each sample are not here: tracks and tables
// read them from the history in the drawing pass.
import { computed, signal } from '@preact/signals';
import { begin, type Phase, phaseAt } from './timeline';
import type { Capability, HostInfo } from './wire';

export const host = signal<HostInfo | null>(null);
export const capabilities = signal<readonly Capability[]>([]);

/** Where the page stands; written twice a second and with each sample. */
export const phase = signal<Phase>(phaseAt(begin(0), 0));

/** Wall-clock time of the newest sample, Unix ms; null before the first. */
export const newestTime = signal<number | null>(null);

/** Wall-clock time of the second under the pointer, Unix ms; null when the newest is shown. */
export const shownTime = signal<number | null>(null);

/** Bytes a second that arrive, over the last ten seconds. */
export const streamRate = signal(0);

/** How much the page holds, ms. */
export const heldMs = signal(0);

export const intervalMs = signal(1000);

/** A sentence that concerns the reader once, such as what was filled in after a break. */
export const notice = signal<string | null>(null);

/** What the server sent that this page cannot read; shown until the next hello. */
export const problem = signal<string | null>(null);

/** Version of the server that this page came from, and of the one it is connected to now. */
export const pageVersion = signal<string | null>(null);
export const serverVersion = signal<string | null>(null);
export const isOutdated = computed(() => pageVersion.value !== serverVersion.value);

export type Dialog =
  | { readonly kind: 'keys' | 'goto' | 'export' | 'account' }
  | { readonly kind: 'numbers'; readonly track: string };

export const dialog = signal<Dialog | null>(null);

/** On narrow screens one part of the page is shown. */
export const tab = signal<Tab>('tracks');

export type Tab = 'tracks' | 'processes' | 'cgroups' | 'host';

export const windows = [
  { ms: 60_000, label: '1 m' },
  { ms: 5 * 60_000, label: '5 m' },
  { ms: 15 * 60_000, label: '15 m' },
  { ms: 3_600_000, label: '1 h' },
  { ms: 6 * 3_600_000, label: '6 h' },
  { ms: 24 * 3_600_000, label: '24 h' },
  { ms: 7 * 24 * 3_600_000, label: '7 d' },
] as const;

/** The shortest window that is drawn, ms. */
export const leastWindow = 10_000;

/** The longest, ms: an hour is a pixel then; what is older is reached by moving. */
export const mostWindow = 31 * 86_400_000;

/** A length that can be drawn, as near as can be. */
export function clampWindow(ms: number): number {
  return Math.min(mostWindow, Math.max(leastWindow, Math.round(ms)));
}

/** Lengths of the recorder strip. */
export const spans = [
  { ms: 3_600_000, label: 'last hour' },
  { ms: 6 * 3_600_000, label: '6 hours' },
  { ms: 24 * 3_600_000, label: '24 hours' },
  { ms: 7 * 24 * 3_600_000, label: '7 days' },
  { ms: 0, label: 'all that is kept' },
] as const;
