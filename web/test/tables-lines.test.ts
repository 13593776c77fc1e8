// Goal: a tree and groups show every process exactly once, whatever its parent says.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFilter } from '../src/tables/filter';
import { type Line, linesOf, type Shape } from '../src/tables/lines';
import { defaultSort } from '../src/tables/order';
import type { Process } from '../src/tables/processes';
import { process } from './tables-samples';

function lines(processes: readonly Process[], shape: Shape, text = '', folded: readonly string[] = []): Line[] {
  return linesOf({ processes, shape, sort: defaultSort, filter: parseFilter(text), folded: new Set(folded) });
}

const outline = (all: readonly Line[]) =>
  all.map(({ process: item, depth, cgroup }) => `${'  '.repeat(depth)}${item?.name ?? `[${cgroup}]`}`);

describe('a tree', () => {
  const family = [
    process(1, { name: 'init', parent: 0, start: 1 }),
    process(10, { name: 'sshd', parent: 1, cpu: 0.1 }),
    process(11, { name: 'bash', parent: 10, cpu: 0.2, memory: 100 }),
    process(12, { name: 'make', parent: 11, cpu: 0.9, memory: 50 }),
    process(20, { name: 'cron', parent: 1, cpu: 0.5 }),
  ];

  test('has children below their parents, the busiest branch first', () => {
    expect(outline(lines(family, 'tree'))).toEqual(['init', '  sshd', '    bash', '      make', '  cron']);
  });

  test('a folded branch is one line with the sums of all in it', () => {
    const all = lines(family, 'tree', '', ['11@100']);
    expect(outline(all)).toEqual(['init', '  sshd', '    bash', '  cron']);
    const bash = all.find((line) => line.process?.pid === 11);
    const { cpu, memory } = bash?.values ?? {};
    expect([bash?.isFolded, bash?.below, cpu?.toFixed(2), memory]).toEqual([true, 1, '1.10', 150]);
  });

  test('an open branch shows its own values', () => {
    expect(lines(family, 'tree')[2]?.values.cpu).toBe(0.2);
  });

  test('a filter keeps what leads to a match, marked as such', () => {
    const all = lines(family, 'tree', 'make');
    expect(all.map(({ process: item, isContext }) => [item?.name, isContext])).toEqual([
      ['init', true], ['sshd', true], ['bash', true], ['make', false],
    ]);
  });

  test('a process whose parent is not there, or began later, stands at the top', () => {
    const orphans = [
      process(2, { name: 'orphan', parent: 99 }),
      process(30, { name: 'given-again', start: 500, cpu: 1 }),
      process(31, { name: 'older', parent: 30, start: 400 }),
      process(40, { name: 'itself', parent: 40 }),
    ];
    expect(lines(orphans, 'tree').every(({ depth }) => depth === 0)).toBe(true);
  });

  test('a ring is cut open, and what hangs on it stays below it', () => {
    const ring = [
      process(5, { name: 'hanging', parent: 2 }), process(2, { name: 'two', parent: 3 }),
      process(3, { name: 'three', parent: 2 }),
    ];
    expect(outline(lines(ring, 'tree'))).toEqual(['two', '  three', '  hanging']);
  });

  test('shows each process once, whatever the parents', () => {
    const parents = fc.array(fc.record({ parent: fc.nat(9), start: fc.constantFrom(1, 2) }), { maxLength: 9 });
    fc.assert(fc.property(parents, (facts) => {
      const all = facts.map((item, pid) => process(pid, item));
      const shown = lines(all, 'tree').map((line) => line.process?.pid ?? -1);
      expect(shown.sort((a, b) => a - b)).toEqual(all.map(({ pid }) => pid));
    }));
  });

  test('a chain longer than a stack is no problem', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => process(i + 1, { parent: i }));
    expect(lines(chain, 'tree').at(-1)?.depth).toBe(19_999);
  });
});

describe('by cgroup', () => {
  const all = [
    process(1, { name: 'a', cgroup: '/x', cpu: 0.3, read: null, write: null }),
    process(2, { name: 'b', cgroup: '/y', cpu: 0.5, read: 5 }),
    process(3, { name: 'c', cgroup: '/x', cpu: 0.4, read: null, write: null }),
    process(4, { name: 'd', cgroup: null, cpu: 0 }),
  ];

  test('groups stand in the order of their sums, members in theirs', () => {
    const shown = lines(all, 'cgroup');
    expect(outline(shown)).toEqual(['[/x]', '  c', '  a', '[/y]', '  b', '[]', '  d']);
    expect(shown[0]?.values.cpu).toBeCloseTo(0.7);
  });

  test('a sum of what nobody knows is not zero', () => {
    const shown = lines(all, 'cgroup');
    expect([shown[0]?.values.read, shown[3]?.values.read]).toEqual([null, 5]);
  });

  test('a folded group is its head; the filter counts only what matches', () => {
    expect(outline(lines(all, 'cgroup', '', ['cg:/x']))).toEqual(['[/x]', '[/y]', '  b', '[]', '  d']);
    expect(lines(all, 'cgroup', 'cpu>0.35')[0]).toMatchObject({ cgroup: '/y', below: 1 });
  });
});

test('flat lines are those that match, sorted', () => {
  const all = [process(1, { cpu: 0.1 }), process(2, { cpu: 0.9 }), process(3, { cpu: 0 })];
  expect(lines(all, 'flat', 'cpu>0.05').map((line) => line.process?.pid)).toEqual([2, 1]);
});
