// Goal: a link means the same moment to everyone, and what people type is understood in their own zone. Method: round
// trips of any moment, and times as people write them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAddress, writeAddress } from '../src/past/address';
import { readTime } from '../src/past/times';

const moment = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });

describe('the address', () => {
  test('of any moment, range and window reads as it was written', () => {
    const length = fc.integer({ min: 1, max: 1e9 });
    const range = fc.tuple(moment, length).map(([from, ms]) => [from, from + ms] as const);
    const window = fc.constantFrom(60_000, 300_000, 3_600_000, 86_400_000, 604_800_000, 90_000);
    fc.assert(fc.property(moment, fc.option(range), fc.option(window), (t, r, w) => {
      const given = { t, r, w };
      expect(readAddress(writeAddress('?q=a%20b&t=old', given))).toEqual({ ...given, problem: null });
      expect(writeAddress('?q=a%20b', given)).toContain('q=a+b');
    }));
  });

  test('of a whole second is short, live is nothing at all', () => {
    const t = Date.UTC(2026, 10, 24, 13, 3, 7);
    expect(writeAddress('', { t, r: null, w: 300_000 })).toBe('?t=2026-11-24T13:03:07Z&w=5m');
    expect(writeAddress('?t=2026-11-24T13:03:07Z', { t: null, r: null, w: null })).toBe('');
  });

  test('without a moment shows the beginning of its range; the plus sign of a zone may be escaped or not', () => {
    const [from, to] = ['2026-11-24T13:02:18Z', '2026-11-24T13:03:41Z'];
    expect(readAddress(`?r=${from}/${to}`).t).toBe(Date.parse(from));
    expect(readAddress('?t=2026-11-24T14:02:18+01:00').t).toBe(Date.parse(from));
    expect(readAddress('?t=2026-11-24T14:02:18%2B01:00').t).toBe(Date.parse(from));
    expect(readAddress('')).toEqual({ t: null, r: null, w: null, problem: null });
  });

  test.each([
    't=yesterday', 't=5', 't=2026-13-01T00:00:00Z', 't=2026-11-24T13:03:07', `t=${'9'.repeat(400)}`,
    'r=2026-11-24T13:03:07Z', 'r=b/a', 'r=2026-11-24T13:03:41Z/2026-11-24T13:02:18Z',
    'r=2026-11-24T13:03:07Z/2026-11-24T13:03:07Z', 'w=5x', 'w=0m', 'w=9s', 'w=32d', 'w=999999d', 'w=-5m', 'w=1e3s',
  ])('that asks for %s is that of the live page, and says what is wrong with it', (part) => {
    const { problem, ...rest } = readAddress(`?t=2026-11-24T13:03:07Z&${part}`.replace(/t=[^&]*&(?=t=)/, ''));
    expect(rest).toEqual({ t: null, r: null, w: null });
    expect(problem).toMatch(/^The address asks for [trw]=.{1,41}, which is no (time|range|window)/);
  });

  test('has windows from ten seconds to a month', () => {
    expect(readAddress('?w=10s').w).toBe(10_000);
    expect(readAddress('?w=31d').w).toBe(31 * 86_400_000);
  });
});

describe('a time that is typed', () => {
  const now = new Date(2026, 10, 24, 14, 32, 7).getTime();
  const at = (day: number, hour: number, minute = 0, second = 0) => {
    return new Date(2026, 10, day, hour, minute, second).getTime();
  };

  test.each<readonly [string, number]>([
    ['14:03', at(24, 14, 3)],
    ['9:05:30', at(24, 9, 5, 30)],
    ['2:02 pm', at(24, 14, 2)],
    ['12 am', at(24, 0)],
    ['23:00', at(23, 23)],
    ['yesterday 9', at(23, 9)],
    ['Yesterday 12:30', at(23, 12, 30)],
    ['-30m', now - 1_800_000],
    ['90 min ago', now - 5_400_000],
    ['1.5h', now - 5_400_000],
    ['2026-11-23 04:05:06', at(23, 4, 5, 6)],
    ['2026-11-23', at(23, 0)],
    ['2026-11-24T13:03:07Z', Date.UTC(2026, 10, 24, 13, 3, 7)],
    ['2026-11-24T13:03:07.250+01:00', Date.UTC(2026, 10, 24, 12, 3, 7, 250)],
    ['now', now],
  ])('%s', (text, expected) => {
    expect(readTime(text, now)).toBe(expected);
  });

  test.each(['', '9', '25:00', '12:61', '13 pm', 'tomorrow', '2026-13-01', '2026-11-24T25:00', '--5m', '5 parsecs'])(
    'that is none: %s',
    (text) => expect(readTime(text, now)).toBeNull(),
  );
});
