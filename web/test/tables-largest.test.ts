// Goal: a tip names the processes that used most in that second, and nobody when nobody looked. Method: tables made by
// hand; any table against sorting all of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Largest, largestOf, mostLargest } from '../src/tables/largest';
import { process } from './tables-samples';

test('the largest are the first of all, sorted; those that use nothing are left out', () => {
  fc.assert(fc.property(fc.array(fc.option(fc.constantFrom(0, 0.25, 0.5, 1, 2))), (uses) => {
    const all = uses.map((cpu, i) => process(i + 1, { cpu }));
    const expected = uses.map((cpu) => cpu ?? 0).filter((cpu) => cpu > 0).sort((a, b) => b - a).slice(0, mostLargest);
    expect(largestOf(all, ({ cpu }) => cpu ?? 0).map(({ cpu }) => cpu)).toEqual(expected);
  }));
});

test('a second that nobody scanned has no answer, one between two scans has that of the scan before', () => {
  const largest = new Largest(1000);
  largest.take(7, [process(1, { cpu: 0.5, memory: 10, read: 3, write: null }), process(2, { cpu: 1, cgroup: '/a' })]);
  expect(largest.at(7, 'cpu', 1)).toEqual([
    { name: 'p2', cgroup: '/a', value: 1 },
    { name: 'p1', cgroup: '/', value: 0.5 },
  ]);
  expect(largest.at(7, 'io', 1)).toEqual([{ name: 'p1', cgroup: '/', value: 3 }]);
  expect(largest.at(8, 'cpu', 1)).toBeNull();
  expect(largest.at(8, 'cpu', 2)?.length).toBe(2);
  largest.take(7 + 901, []);
  expect(largest.at(7, 'cpu', 1)).toBeNull();
});
