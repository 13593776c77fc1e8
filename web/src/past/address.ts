// Moments and ranges in the page's address: absolute, in UTC, so that a link shows everyone the same.

import { leastWindow, mostWindow } from '../state';

export interface PastAddress {
  /** The moment, Unix ms; null: live. */
  readonly t: number | null;
  /** The selected range, Unix ms. */
  readonly r: readonly [number, number] | null;
  /** Length of the window, ms. */
  readonly w: number | null;
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What an address asks for, and what in it cannot be shown. */
export interface ReadAddress extends PastAddress {
  /** A sentence for people; nothing else is read then. Null: all was understood. */
  readonly problem: string | null;
}

/** 2026-11-24T13:03:07.250Z: the zone is said, for a link means the same moment to everyone. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[ +-]\d\d:?\d\d)$/;

/** Characters of a wrong value that are repeated to the reader. */
const mostRepeated = 40;

/** Reads the part of an address after `?`. */
export function readAddress(search: string): ReadAddress {
  const given = new URLSearchParams(search);
  const [atText, rangeText, lengthText] = [given.get('t') ?? '', given.get('r') ?? '', given.get('w') ?? ''];
  const t = atText === '' ? null : timeOf(atText);
  const [from = NaN, to = NaN] = rangeText.split('/').map(timeOf);
  const w = lengthText === '' ? null : lengthOf(lengthText);
  if (Number.isNaN(t)) {
    return wrong(`The address asks for t=${cut(atText)}, which is no time such as 2026-11-24T13:03:07Z.`);
  }

  if (rangeText !== '' && !(from < to)) {
    const range = cut(rangeText);
    return wrong(`The address asks for r=${range}, which is no range: two times with / between, the earlier first.`);
  }

  if (Number.isNaN(w)) {
    return wrong(`The address asks for w=${cut(lengthText)}, which is no window from 10s to 31d.`);
  }

  const r = rangeText === '' ? null : ([from, to] as const);
  return { t: t ?? r?.[0] ?? null, r, w, problem: null };
}

function wrong(problem: string): ReadAddress {
  return { t: null, r: null, w: null, problem };
}

/** Unix ms; NaN for what is no time. A plus sign that was not escaped reads as a space. */
function timeOf(text: string): number {
  return time.test(text) ? Date.parse(text.replace(' ', '+')) : NaN;
}

/** Milliseconds; NaN for what is no length, or cannot be drawn. */
function lengthOf(text: string): number {
  const [, count, unit] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit ?? ''] ?? NaN);
  return ms >= leastWindow && ms <= mostWindow ? ms : NaN;
}

function cut(text: string): string {
  return text.length <= mostRepeated ? text : `${text.slice(0, mostRepeated)}…`;
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
