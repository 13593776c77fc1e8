// Goal: the head says what there is and nothing else; cells keep zero, next to nothing and unknown apart.
import { describe, expect, test } from 'vitest';
import { amount, amountOf, cores, isQuiet, rate, share } from '../src/tables/cells';
import { headNote } from '../src/tables/notes';
import { message } from './tables-samples';

describe('the head', () => {
  test('of a quiet host is short', () => {
    expect(headNote(message(1, { total: 412, running: 3 }), 0, 1000)).toBe('3 running');
  });

  test('names what is hidden, short-lived, unattributed, left out and rarely scanned', () => {
    const summary = message(1, {
      total: 4000, running: 3, sent: 1000, hidden: 12, shortLived: 2, unattributed: 0.04, interval: 3,
    });
    expect(headNote(summary, 1, 1000)).toBe(
      '3 running · 1 in D · the 1000 largest shown · 12 hidden by the kernel · 2 short-lived · '
        + '0.04 cores unattributed · scanned every 3 s to stay within its share of a core',
    );
  });

  test('what cannot be told is not a zero', () => {
    expect(headNote(message(1, { running: 0, hidden: null, shortLived: null, unattributed: null }), 0, 1000))
      .toBe('0 running');
  });
});

describe('cells', () => {
  test.each([
    [cores(0), '–'], [cores(0.001), '0.00'], [cores(0.92), '0.92'], [cores(null), 'n/a'],
    [amount(0), '–'], [amount(null), 'n/a'], [amount(1964965888), '1.83 GiB'],
    [amountOf(2040109465, 4294967296), '1.90 / 4.00 GiB'], [amountOf(2040109465, null), '1.90 GiB'],
    [rate(419430), '0.40'], [rate(0), '–'], [rate(null), 'n/a'], [share(0.002), '0.2 %'], [share(0), '–'],
  ])('%s is %s', (text, expected) => expect(text).toBe(expected));

  test.each(['–', 'n/a', '0.00', '0.0 %'])('%s is quiet', (text) => expect(isQuiet(text)).toBe(true));
  test.each(['0.01', '10.0 %', '1.00'])('%s is not', (text) => expect(isQuiet(text)).toBe(false));
});
