// Times as people type them, in the reader's own zone.

const unitMs: Readonly<Record<string, number>> = {
  s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000, hour: 3_600_000, hours: 3_600_000, d: 86_400_000,
  day: 86_400_000, days: 86_400_000,
};

const relative = /^(?:-\s*)?(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|hours?|d|days?)(?:\s+ago)?$/;
const timeOfDay = /^(?:(today|yesterday)\s+)?(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*(am|pm)?$/;
const dateAndTime =
  /^(\d{4})-(\d{2})-(\d{2})(?:[t ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?(z|[+-]\d{2}:?\d{2})?$/;

/** What `readTime` understands, for people. */
export const timeHelp = '14:03, 2:02 pm, yesterday 9, -30m, 2026-11-24 14:03:07';

/** The moment that a text names, Unix ms; null when it names none. A time of day still to come was yesterday. */
export function readTime(text: string, now: number): number | null {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (words === 'now') {
    return now;
  }

  const [, count, unit] = relative.exec(words) ?? [];
  if (count !== undefined && unit !== undefined) {
    return now - Number(count) * (unitMs[unit] ?? 0);
  }

  return readTimeOfDay(words, now) ?? readDate(words);
}

function readTimeOfDay(words: string, now: number): number | null {
  const match = timeOfDay.exec(words);
  const [, day, hours = '', minutes, seconds, half] = match ?? [];
  // A number alone is no time of day: 9 may mean anything.
  if (match === null || (minutes === undefined && half === undefined && day === undefined)) {
    return null;
  }

  const isTwelve = half !== undefined;
  const hour = isTwelve ? (Number(hours) % 12) + (half === 'pm' ? 12 : 0) : Number(hours);
  if (hour > 23 || Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59 || (isTwelve && Number(hours) > 12)) {
    return null;
  }

  const date = new Date(now);
  date.setHours(hour, Number(minutes ?? 0), Number(seconds ?? 0), 0);
  if (day === 'yesterday' || (day === undefined && date.getTime() > now)) {
    date.setDate(date.getDate() - 1);
  }

  return date.getTime();
}

function readDate(words: string): number | null {
  const match = dateAndTime.exec(words);
  if (match === null) {
    return null;
  }

  const parts = match.slice(1, 7).map((part) => Number(part ?? 0));
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const ms = Number((match[7] ?? '0').padEnd(3, '0'));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
    return null;
  }

  if (match[8] === undefined) {
    return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  }

  const time = Date.parse(words.toUpperCase().replace(' ', 'T'));
  return Number.isNaN(time) ? null : time;
}
