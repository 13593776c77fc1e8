// Values as the cells of the tables write them: a true zero is quiet, what is not known is not a zero.
import { bytes, bytesIn, fixed, mebibytes, percent } from '../format';

export const zero = '–';
export const unknown = 'n/a';

/** CPUs busy: 1.00 is one CPU. */
export function cores(value: number | null): string {
  return value === null ? unknown : value === 0 ? zero : fixed(value, 2);
}

export function amount(value: number | null): string {
  if (value === null || value === 0) {
    return value === null ? unknown : zero;
  }

  const { value: number, unit } = bytes(value);
  return `${number} ${unit}`;
}

/** An amount and what it may grow to, in the unit of the latter: `9.9 / 16 GiB`. */
export function amountOf(value: number | null, limit: number | null): string {
  if (value === null || limit === null) {
    return amount(value);
  }

  const { value: most, unit } = bytes(limit);
  return `${bytesIn(value, unit)} / ${most} ${unit}`;
}

/** MiB a second. */
export function rate(value: number | null): string {
  return value === null ? unknown : value === 0 ? zero : mebibytes(value);
}

/** A share of time. */
export function share(value: number | null): string {
  return value === null ? unknown : value === 0 ? zero : `${percent(100 * value)} %`;
}

/** Whether a text is of nothing, or so little that it rounds to nothing. */
export function isQuiet(text: string): boolean {
  return text === zero || text === unknown || /^[0.,]+( %)?$/.test(text);
}
