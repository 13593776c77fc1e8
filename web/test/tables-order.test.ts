// Goal: the same values give the same order, and rows do not move under a hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { held, type Hold, isHeld, keepOrder, type Reason, released, releaseAfterMs } from '../src/tables/hold';
import { comparator, defaultSort, type ProcessColumn, sortedBy } from '../src/tables/order';
import { process } from './tables-samples';

const byColumns: readonly ProcessColumn[] = ['pid', 'name', 'cgroup', 'cpu', 'memory', 'read', 'write', 'io'];

const anyProcess = fc.record({
  name: fc.constantFrom('a', 'b'),
  cgroup: fc.option(fc.constantFrom('/a', '/b')),
  cpu: fc.option(fc.constantFrom(0, 0.5)),
  memory: fc.option(fc.constantFrom(0, 1)),
  read: fc.option(fc.constantFrom(0, 1)),
});

describe('the order', () => {
  test('does not depend on the order before it', () => {
    const shuffled = fc.array(anyProcess, { maxLength: 12 }).chain((facts) => {
      const processes = facts.map((item, i) => process(i, item));
      return fc.tuple(fc.constant(processes), fc.shuffledSubarray(processes, { minLength: processes.length }));
    });
    fc.assert(fc.property(shuffled, fc.constantFrom(...byColumns), fc.boolean(), ([one, two], by, descending) => {
      const compare = comparator({ by, descending });
      expect([...two].sort(compare)).toEqual([...one].sort(compare));
    }));
  });

  test('is by CPU at first, ties by memory, then by pid', () => {
    const all = [
      process(4, { cpu: 0.1, memory: 5 }), process(3, { cpu: 0.1, memory: 5 }), process(2, { cpu: 0.1, memory: 9 }),
      process(1, { cpu: 0.9 }),
    ];
    expect(all.sort(comparator(defaultSort)).map(({ pid }) => pid)).toEqual([1, 2, 3, 4]);
  });

  test('what is missing comes last in both directions', () => {
    for (const descending of [true, false]) {
      const all = [process(1, { cpu: null }), process(2, { cpu: 0 }), process(3, { cpu: 1 })];
      expect(all.sort(comparator({ by: 'cpu', descending })).at(-1)?.pid).toBe(1);
    }
  });

  test('a column chosen again turns around; amounts begin with the largest, names with the first', () => {
    expect(sortedBy(defaultSort, 'cpu')).toEqual({ by: 'cpu', descending: false });
    expect(sortedBy(defaultSort, 'memory')).toEqual({ by: 'memory', descending: true });
    expect(sortedBy(defaultSort, 'pid')).toEqual({ by: 'pid', descending: false });
  });
});

describe('the order is held', () => {
  test('while there is any reason, and a little longer', () => {
    let hold: Hold = released;
    expect(isHeld(hold, 0)).toBe(false);
    hold = held(hold, 'pointer', true, 1000);
    hold = held(hold, 'ctrl', true, 1100);
    hold = held(hold, 'pointer', false, 2000);
    expect(isHeld(hold, 60_000)).toBe(true);
    hold = held(hold, 'ctrl', false, 60_000);
    expect(isHeld(hold, 60_000 + releaseAfterMs - 1)).toBe(true);
    expect(isHeld(hold, 60_000 + releaseAfterMs)).toBe(false);
  });

  test('without end by a hand that comes back in time', () => {
    let hold = held(held(released, 'pointer', true, 0), 'pointer', false, 1000);
    hold = held(hold, 'pointer', true, 1500);
    expect(isHeld(hold, 10_000)).toBe(true);
  });

  test('by no reason that was never there', () => expect(held(released, 'focus', false, 5)).toBe(released));

  test('exactly while a reason lasts or has gone for less than its time, whatever happens', () => {
    const step = fc.record({
      reason: fc.constantFrom<Reason>('pointer', 'focus', 'ctrl'),
      isOn: fc.boolean(),
      after: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(fc.property(fc.array(step), fc.integer({ min: 0, max: 1000 }), (steps, later) => {
      let [hold, now, left] = [released, 0, -Infinity];
      const on = new Set<Reason>();
      for (const { reason, isOn, after } of steps) {
        now += after;
        if (!isOn && on.delete(reason) && on.size === 0) {
          left = now;
        } else if (isOn) {
          on.add(reason);
        }

        hold = held(hold, reason, isOn, now);
      }

      expect(isHeld(hold, now + later)).toBe(on.size > 0 || now + later < left + releaseAfterMs);
    }));
  });
});

describe('held rows', () => {
  const row = (key: string, value = 0) => ({ key, value });

  test('stay where they are with their newest values; the ended stay, the new come last', () => {
    const shown = [row('a'), row('b'), row('c')];
    const sorted = [row('n', 9), row('c', 5), row('a', 4)];
    const kept = keepOrder(shown, sorted, 3);
    expect(kept.rows).toEqual([row('a', 4), row('b'), row('c', 5), row('n', 9)]);
    expect(kept.newAbove).toBe(1);
  });

  test('new rows below those in sight are not announced', () => {
    expect(keepOrder([row('a'), row('b')], [row('a'), row('b'), row('n')], 2).newAbove).toBe(0);
    expect(keepOrder([row('a')], [row('n'), row('m')], 1).newAbove).toBe(0);
  });

  test('lose nothing and move nothing, whatever comes', () => {
    const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
    fc.assert(fc.property(keys, keys, (before, after) => {
      const { rows } = keepOrder(before.map((key) => row(key)), after.map((key) => row(key, 1)), 6);
      expect(rows.slice(0, before.length).map(({ key }) => key)).toEqual(before);
      expect(rows.length).toBe(new Set([...before, ...after]).size);
      expect(rows.filter(({ value }) => value === 1).length).toBe(after.length);
    }));
  });
});
