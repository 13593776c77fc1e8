// Goal: numbers read as the design writes them, and a missing value never reads as zero.
import { describe, expect, test } from 'vitest';
import {
  age, bits, bytes, bytesIn, clock, cost, date, duration, figures, fixed, mebibytes, missing, percent, whole, zone,
} from '../src/format';

describe('figures', () => {
  test.each([
    [0, '0'], [0.004, '0.00'], [0.61, '0.61'], [9.48, '9.48'], [9.994, '9.99'], [9.996, '10.0'], [47.71, '47.7'],
    [99.94, '99.9'], [99.96, '100'], [126.4, '126'], [12345, '12,345'], [-1.234, '\u22121.23'],
  ])('%d reads %s', (value, text) => expect(figures(value)).toBe(text));

  test('a value that rounds to zero carries no minus', () => expect(fixed(-0.001, 1)).toBe('0.0'));

  test('a missing value is a dash, a zero is a zero', () => {
    for (const format of [figures, percent, whole, mebibytes, duration, cost]) {
      expect(format(NaN)).toBe(missing);
      expect(format(0)).toMatch(/^0/);
    }

    expect(bytes(NaN)).toEqual({ value: missing, unit: '' });
    expect(bits(NaN)).toEqual({ value: missing, unit: '' });
  });
});

describe('units', () => {
  test.each([
    [0, '0', 'B'], [999, '999', 'B'], [1000, '0.98', 'KiB'], [1024 ** 2, '1.00', 'MiB'],
    [62.7 * 1024 ** 3, '62.7', 'GiB'], [1023 * 1024 ** 3, '1.00', 'TiB'],
  ])('%d bytes are %s %s', (value, text, unit) => expect(bytes(value)).toEqual({ value: text, unit }));

  test('parts are written in the unit of the whole', () => {
    expect(bytesIn(21.4 * 1024 ** 3, 'GiB')).toBe('21.4');
    expect(bytesIn(512 * 1024 ** 2, 'GiB')).toBe('0.50');
  });

  test.each([
    [0, '0', 'kbit/s'], [1, '0.01', 'kbit/s'], [12_500, '100', 'kbit/s'], [125_000, '1.00', 'Mbit/s'],
    [21.75e6, '174', 'Mbit/s'], [1.25e9, '10.0', 'Gbit/s'],
  ])('%d bytes a second are %s %s', (value, text, unit) => expect(bits(value)).toEqual({ value: text, unit }));

  test('disk rates stay in MiB/s', () => expect(mebibytes(9.48 * 1024 ** 2)).toBe('9.48'));

  test.each([[21.14, '21.1'], [0.04, '0.0'], [99.94, '99.9'], [99.95, '100'], [100, '100']])(
    '%d per cent reads %s', (value, text) => expect(percent(value)).toBe(text));
});

describe('times', () => {
  test.each([
    [8, '8 s'], [192, '3 min 12 s'], [25_920, '7 h 12 min'], [42 * 86_400 + 7 * 3600, '42 d 7 h'],
  ])('%d seconds last %s', (seconds, text) => expect(duration(seconds)).toBe(text));

  test.each([[200, '0.2 s'], [9_940, '9.9 s'], [12_000, '12 s'], [192_000, '3 min 12 s']])(
    '%d ms old reads %s', (ms, text) => expect(age(ms)).toBe(text));

  test.each([[8e-6, '8 µs'], [4.1e-4, '0.41 ms'], [0.0123, '12.3 ms'], [2.5, '2.50 s']])(
    '%d s of work reads %s', (seconds, text) => expect(cost(seconds)).toBe(text));

  test('clock and date are those of the reader', () => {
    const moment = new Date(2026, 10, 24, 14, 32, 7).getTime();
    expect(clock(moment)).toBe('14:32:07');
    expect(date(moment)).toBe('Tue 24 Nov 2026');
    expect(zone(moment)).not.toBe('');
  });

  test('midnight is 00, not 24', () => expect(clock(new Date(2026, 0, 1, 0, 0, 0).getTime())).toBe('00:00:00'));
});
