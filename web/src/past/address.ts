// Moments and ranges in the page's address: absolute, in UTC, so that a link shows everyone the same.

export interface PastAddress {
  /** The moment, Unix ms; null: live. */
  readonly t: number | null;
  /** The selected range, Unix ms. */
  readonly r: readonly [number, number] | null;
  /** Length of the window, ms. */
  readonly w: number | null;
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads the part of an address after `?`; what makes no sense is left out. */
export function readAddress(search: string): PastAddress {
  const given = new URLSearchParams(search);
  const [from = NaN, to = NaN] = (given.get('r') ?? '').split('/').map(Date.parse);
  const t = Date.parse(given.get('t') ?? '');
  const r = from < to ? ([from, to] as const) : null;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(given.get('w') ?? '') ?? [];
  const w = count === undefined || unit === undefined ? 0 : Number(count) * (units[unit] ?? 0);
  return { t: Number.isNaN(t) ? (r?.[0] ?? null) : t, r, w: w > 0 ? w : null };
}

/** Writes it; what else the address says stays. */
export function writeAddress(search: string, { t, r, w }: PastAddress): string {
  const given = new URLSearchParams(search);
  ['t', 'r', 'w'].forEach((name) => given.delete(name));
  // Colons and slashes may stand in a query as they are, and a person can read them.
  const parts = [
    ...(t === null ? [] : [`t=${iso(t)}`]),
    ...(r === null ? [] : [`r=${iso(r[0])}/${iso(r[1])}`]),
    ...(w === null ? [] : [`w=${span(w)}`]),
    ...(given.size === 0 ? [] : [given.toString()]),
  ];
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** `2026-11-24T13:03:07Z`, with milliseconds where there are any. */
export function iso(unixMs: number): string {
  return new Date(Math.round(unixMs)).toISOString().replace('.000Z', 'Z');
}

/** `5m`, `90s`. */
function span(ms: number): string {
  const unit = ['d', 'h', 'm'].find((name) => ms % (units[name] ?? 1) === 0) ?? 's';
  return `${Math.max(1, Math.round(ms / (units[unit] ?? 1)))}${unit}`;
}
