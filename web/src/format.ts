// Numbers and times as people read them. Digits and separators come from Intl for the page's language, never from here.

/** What stands where a value is missing. A true zero is written as a zero. */
export const missing = '–';

const minus = '\u2212';
const locale = typeof document === 'undefined' ? 'en' : document.documentElement.lang || 'en';
const fixedFormats = [0, 1, 2].map(
  (digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** A value with its unit, apart, because a headline sets them in two sizes. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** A number with a fixed count of decimals, 0 to 2. */
export function fixed(value: number, digits: 0 | 1 | 2): string {
  if (!Number.isFinite(value)) {
    return missing;
  }

  const text = (fixedFormats[digits] as Intl.NumberFormat).format(value);
  const unsigned = text.replace('-', '');
  return text === unsigned ? text : /[1-9]/.test(unsigned) ? minus + unsigned : unsigned;
}

/** Three significant figures, at most two decimals: 0.61, 9.48, 47.7, 126. A true zero is `0`. */
export function figures(value: number): string {
  if (value === 0) {
    return '0';
  }

  const size = Math.abs(value);
  return fixed(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/** A percentage without its sign: one decimal, none from 100 on. */
export function percent(value: number): string {
  return fixed(value, value >= 99.95 ? 0 : 1);
}

/** A whole number with separators. */
export function whole(value: number): string {
  return fixed(value, 0);
}

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const bitUnits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];

/** Bytes with a binary prefix. */
export function bytes(value: number): Quantity {
  return Number.isFinite(value) ? scaled(value, 1024, binaryUnits, 0) : { value: missing, unit: '' };
}

/** Bytes in the unit of another amount, so that the parts of a whole can be added by eye: `21.4` of `62.7 GiB`. */
export function bytesIn(value: number, unit: string): string {
  return figures(value / 1024 ** Math.max(0, binaryUnits.indexOf(unit)));
}

/** A rate of storage: always MiB/s, so that numbers of different disks and seconds compare. */
export function mebibytes(bytesPerSecond: number): string {
  return figures(bytesPerSecond / 1024 ** 2);
}

/** A rate of a network in bits with a decimal prefix, from kbit/s on, as links are sold. */
export function bits(bytesPerSecond: number): Quantity {
  return Number.isFinite(bytesPerSecond) ? scaled(bytesPerSecond * 8, 1000, bitUnits, 1) : { value: missing, unit: '' };
}

function scaled(value: number, base: number, units: readonly string[], smallest: number): Quantity {
  let power = smallest;
  while (power < units.length - 1 && Math.abs(value) / base ** power >= 999.5) {
    power++;
  }

  const inUnit = value / base ** power;
  return { value: power === 0 ? whole(inUnit) : figures(inUnit), unit: units[power] ?? '' };
}

/** A duration in seconds in two units: `42 d 7 h`, `3 min 12 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) {
    return missing;
  }

  const s = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(s / 86_400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (days > 0) {
    return `${whole(days)} d ${hours} h`;
  }

  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }

  return minutes > 0 ? `${minutes} min ${s % 60} s` : `${s} s`;
}

/** A length of time that was chosen, in as few words as it needs, ms: `5 min`, `1 h`, `7 d`. */
export function span(ms: number): string {
  const whole = ([['d', 86_400_000], ['h', 3_600_000], ['min', 60_000]] as const).find(([, unit]) => ms % unit === 0);
  return whole === undefined ? duration(ms / 1000) : `${fixed(ms / whole[1], 0)} ${whole[0]}`;
}

/** The age of a sample, ms: tenths of a second below ten seconds. */
export function age(ms: number): string {
  return ms < 9_950 ? `${fixed(ms / 1000, 1)} s` : duration(ms / 1000);
}

/** A time that code takes, seconds: `8 µs`, `0.41 ms`. */
export function cost(seconds: number): string {
  if (!Number.isFinite(seconds)) {
    return missing;
  }

  if (seconds < 0.0001) {
    return `${whole(seconds * 1e6)} µs`;
  }

  return seconds < 1 ? `${figures(seconds * 1000)} ms` : `${figures(seconds)} s`;
}

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dateFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const zoneFormat = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

/** `14:32:07` in the reader's time zone. */
export function clock(unixMs: number): string {
  return clockFormat.format(unixMs);
}

/** `Tue 24 Nov 2026` in the reader's time zone. */
export function date(unixMs: number): string {
  return dateFormat.format(unixMs).replace(',', '');
}

/** Name of the reader's time zone at a moment: `CET`. */
export function zone(unixMs: number): string {
  return zoneFormat.formatToParts(unixMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
}

const weekdayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const dayMs = 86_400_000;

/** A time on an axis that is so long: seconds only where they can be told apart, the day where there are several. */
export function axisLabel(unixMs: number, spanMs: number): string {
  const time = clock(unixMs);
  if (spanMs < 16 * 60_000) {
    return time;
  }

  if (spanMs <= dayMs) {
    return time.slice(0, 5);
  }

  return spanMs <= 8 * dayMs ? `${weekdayFormat.format(unixMs)} ${time.slice(0, 5)}` : dayFormat.format(unixMs);
}
