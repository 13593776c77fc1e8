// Goal: no sample is lost, invented or moved; missing stays missing. Method: examples, and a model for the merge.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { History } from '../src/history';
import type { Backlog, BacklogColumn } from '../src/wire';
import { frame, series } from './samples';

const a = series('a');
const b = series('b', { device: 'sda' });

function started(...schema: ReturnType<typeof series>[]): History {
  const history = new History(() => true);
  history.setSchema(schema);
  return history;
}

function valuesOf(history: History, name: string): number[] {
  const column = history.columnsOf(name)[0];
  return column === undefined ? [] : [...column.values.subarray(history.start, history.end)];
}

function backlog(first: number, t: number, columns: BacklogColumn[], count: number): Backlog {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return {
    seq: numbers.map((i) => first + i),
    t: numbers.map((i) => t + 1000 * i),
    dt: numbers.map((i) => (first + i === 1 ? null : 1000)),
    columns,
  };
}

describe('appending', () => {
  test('keeps values by series and null as missing', () => {
    const history = started(a, b);
    history.append(frame(1, 1000, [1, null], null));
    history.append(frame(2, 2000, [0, 5]));
    expect(valuesOf(history, 'a')).toEqual([1, 0]);
    expect(valuesOf(history, 'b')).toEqual([NaN, 5]);
  });

  test('says when frames are missing before one', () => {
    const history = started(a);
    expect(history.append(frame(1, 1000, [1], null))).toBe('appended');
    expect(history.append(frame(4, 4000, [1]))).toBe('gap');
    expect(history.isGap(1)).toBe(true);
    expect(history.append(frame(4, 4000, [1]))).toBe('duplicate');
    expect(history.append(frame(5, 5000, [1, 2]))).toBe('mismatch');
    expect(history.count).toBe(2);
  });

  test('a late tick is no gap, a night asleep is one', () => {
    const history = started(a);
    history.append(frame(1, 1000, [1], null));
    history.append(frame(2, 3000, [1], 2000));
    history.append(frame(3, 8_003_000, [1], 8_000_000));
    expect(history.isGap(1)).toBe(false);
    expect(history.isGap(2)).toBe(true);
  });

  test('a step of the wall clock moves the labels, not the samples', () => {
    const history = started(a);
    history.append(frame(1, 1_000_000, [1], null));
    history.append(frame(2, 1_001_000, [1]));
    history.append(frame(3, 4_602_000, [1]));
    history.append(frame(4, 603_000, [1]));
    const places = [...history.x.subarray(history.start, history.end)].map((x) => x - 1_000_000);
    expect(places).toEqual([0, 1000, 2000, 3000]);
    expect([0, 1, 2, 3].some((i) => history.isGap(i))).toBe(false);
    expect([...history.t.subarray(0, 4)]).toEqual([1_000_000, 1_001_000, 4_602_000, 603_000]);
  });

  test('keeps a quarter of an hour and slides without losing order', () => {
    const history = started(a);
    for (let seq = 1; seq <= 5000; seq++) {
      history.append(frame(seq, 1000 * seq, [seq], seq === 1 ? null : 1000));
      expect(history.count).toBe(Math.min(seq, history.capacity));
    }

    const kept = valuesOf(history, 'a');
    expect(kept[0]).toBe(5000 - history.capacity + 1);
    expect(kept.every((value, i) => i === 0 || value === (kept[i - 1] ?? 0) + 1)).toBe(true);
    expect(history.seq[history.newest]).toBe(5000);
  });

  test('its size is bounded whatever the interval', () => {
    expect(new History(() => true, 100).capacity).toBe(3600);
    expect(new History(() => true, 1000).capacity).toBe(901);
    expect(new History(() => true, 60_000).capacity).toBe(16);
  });
});

describe('a changed schema', () => {
  test('keeps a series that moved and marks one that went as missing', () => {
    const history = started(a, b);
    history.append(frame(1, 1000, [1, 10], null));
    history.setSchema([b]);
    history.append(frame(2, 2000, [20]));
    expect(valuesOf(history, 'a')).toEqual([1, NaN]);
    expect(valuesOf(history, 'b')).toEqual([10, 20]);
  });

  test('a new series is missing before it came', () => {
    const history = started(a);
    history.append(frame(1, 1000, [1], null));
    history.setSchema([a, b]);
    history.append(frame(2, 2000, [2, 20]));
    expect(valuesOf(history, 'b')).toEqual([NaN, 20]);
  });

  test('a series without any sample left is forgotten', () => {
    const history = started(a, b);
    history.append(frame(1, 1000, [1, null], null));
    history.setSchema([a]);
    expect(history.columnsOf('b')).toEqual([]);
  });

  test('metrics that nobody draws are not kept', () => {
    const history = new History((name) => name === 'a');
    history.setSchema([a, b]);
    history.append(frame(1, 1000, [1, 2], null));
    expect(history.columnsOf('b')).toEqual([]);
    expect(valuesOf(history, 'a')).toEqual([1]);
  });

  test('a column is found by its exact labels', () => {
    const history = started(a, b);
    expect(history.column('b', { device: 'sda' })?.series).toBe(b);
    expect(history.column('b')).toBeUndefined();
    expect(history.column('b', { device: 'sdb' })).toBeUndefined();
  });
});

describe('merging a hello', () => {
  test('fills an empty history, collapsed columns included', () => {
    const history = new History(() => true);
    expect(history.merge([a, b], backlog(1, 1000, [[1, 2, 3], 7], 3), 1000)).toEqual({ added: 3, filled: 0 });
    expect(valuesOf(history, 'a')).toEqual([1, 2, 3]);
    expect(valuesOf(history, 'b')).toEqual([7, 7, 7]);
    expect([...history.seq.subarray(0, 3)]).toEqual([1, 2, 3]);
  });

  test('adds what was missed and keeps what is older than the backlog', () => {
    const history = started(a);
    history.append(frame(1, 1000, [1], null));
    history.append(frame(2, 2000, [2]));
    history.append(frame(6, 6000, [6]));
    expect(history.merge([a], backlog(2, 2000, [[2, 3, 4, 5, 6, 7]], 6), 1000)).toEqual({ added: 4, filled: 3 });
    expect(valuesOf(history, 'a')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([1, 2, 3, 4, 5, 6].some((i) => history.isGap(i))).toBe(false);
  });

  test('a restarted server counts from one again: what is held stays, the time between is a gap', () => {
    const history = started(a);
    history.append(frame(500, 1_000_000, [1], null));
    history.append(frame(501, 1_001_000, [2]));
    expect(history.merge([a], backlog(1, 1_010_000, [[3, 4]], 2), 1000)).toEqual({ added: 2, filled: 0 });
    expect(valuesOf(history, 'a')).toEqual([1, 2, 3, 4]);
    expect([1, 2, 3].map((i) => history.isGap(i))).toEqual([false, true, false]);
    expect(history.append(frame(3, 1_012_000, [5]))).toBe('appended');
  });

  test('the same backlog twice changes nothing', () => {
    const history = new History(() => true);
    history.merge([a], backlog(1, 1000, [[1, 2, 3]], 3), 1000);
    expect(history.merge([a], backlog(1, 1000, [[1, 2, 3]], 3), 1000)).toEqual({ added: 0, filled: 0 });
    expect(valuesOf(history, 'a')).toEqual([1, 2, 3]);
  });

  test('what is older than a quarter of an hour goes', () => {
    const history = started(a);
    history.append(frame(1, 1000, [1], null));
    history.merge([a], backlog(2000, 2_000_000, [[5, 6]], 2), 1000);
    expect(valuesOf(history, 'a')).toEqual([5, 6]);
  });

  test('another interval makes another capacity', () => {
    const history = started(a);
    history.append(frame(1, 1000, [1], null));
    history.merge([a], backlog(1, 9000, [[1]], 1), 5000);
    expect(history.intervalMs).toBe(5000);
    expect(history.capacity).toBe(181);
  });

  test('whatever arrived and whatever was missed, each known second stands once, in order, with its value', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1 });
    const runs = fc.tuple(some, fc.integer({ min: 1, max: 150 }));
    fc.assert(fc.property(runs, ([arrived, length]) => {
      const history = started(a);
      for (const seq of arrived.sort((x, y) => x - y)) {
        history.append(frame(seq, 1_000_000 + 1000 * seq, [seq]));
      }

      const first = 201 - length;
      const column = Array.from({ length }, (_, i) => first + i);
      history.merge([a], backlog(first, 1_000_000 + 1000 * first, [column], length), 1000);
      const expected = [...new Set([...arrived, ...column])].sort((x, y) => x - y);
      expect(valuesOf(history, 'a')).toEqual(expected);
      const places = [...history.x.subarray(history.start, history.end)];
      expect(places).toEqual(expected.map((seq) => 1_000_000 + 1000 * seq));
    }));
  });
});

describe('looking up', () => {
  const history = started(a);
  [1, 2, 3, 7].forEach((seq) => history.append(frame(seq, 1000 * seq, [seq], 1000)));

  test.each([[999, 0], [1000, 0], [1001, 1], [4000, 3], [7001, 4]])(
    'the first sample at or after %d is %d', (x, index) => expect(history.firstAtOrAfter(x)).toBe(index));

  test.each([[1400, 0], [1600, 1], [3700, 2], [5000, -1], [6500, 3], [8000, -1]])(
    'the second at %d is sample %d', (x, index) => expect(history.nearest(x)).toBe(index));

  test('nothing is nearest in an empty history', () => expect(new History(() => true).nearest(0)).toBe(-1));
});
