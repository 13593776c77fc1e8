// Goal: whatever the changes, the page holds what the server holds. Method: messages made from a model, any of them;
// after each the store must equal the model.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cgroup, cgroupName, CgroupStore, listed } from '../src/tables/cgroups';
import { ProcessStore } from '../src/tables/processes';
import { info, message, values } from './tables-samples';

interface Modelled {
  readonly start: number;
  readonly name: string;
  readonly cpu: number | null;
}

type Model = ReadonlyMap<number, Modelled>;

/** One tick: which processes there are, and whether the viewer missed the one before, so that it gets a snapshot. */
const tick = fc.record({
  full: fc.boolean(),
  processes: fc.dictionary(
    fc.constantFrom('1', '2', '3', '4', '5'),
    fc.record({
      start: fc.constantFrom(100, 200),
      name: fc.constantFrom('a', 'b'),
      cpu: fc.option(fc.constantFrom(0, 0.5, 1)),
    }),
  ),
});

/** The message that leads from one table to the next, as the server makes it. */
function between(before: Model, after: Model, seq: number, full: boolean) {
  const known = full ? new Map<number, Modelled>() : before;
  const changed = [...after].filter(([pid, item]) => {
    const old = known.get(pid);
    return old === undefined || old.start !== item.start || old.name !== item.name;
  });
  const moved = [...after].filter(([pid, item]) => {
    const old = known.get(pid);
    return old === undefined || old.start !== item.start || old.cpu !== item.cpu;
  });
  return message(seq, {
    full,
    total: after.size,
    info: changed.map(([pid, { start, name }]) => info(pid, { start, name })),
    gone: full ? [] : [...before.keys()].filter((pid) => !after.has(pid)),
    rows: moved.map(([pid, { cpu }]) => values(pid, { cpu })),
  });
}

describe('the processes', () => {
  test('equal the model after any changes and snapshots', () => {
    fc.assert(fc.property(fc.array(tick, { minLength: 1, maxLength: 12 }), (ticks) => {
      const store = new ProcessStore(1000);
      let before = new Map<number, Modelled>();
      ticks.forEach(({ full, processes }, i) => {
        const after = new Map(Object.entries(processes).map(([pid, item]) => [Number(pid), item as Modelled]));
        store.apply(between(before, after, i + 1, full || i === 0));
        const held = [...store.all()].map(({ pid, start, name, cpu }) => [pid, { start, name, cpu }]);
        expect(new Map(held as [number, Modelled][])).toEqual(after);
        before = after;
      });
    }));
  });

  test('a pid given again is another process, and the one before has ended', () => {
    const store = new ProcessStore(1000);
    store.apply(message(1, { full: true, info: [info(7)], rows: [values(7, { cpu: 0.9 })] }));
    const first = store.find(7);
    store.apply(message(2, { info: [info(7, { start: 500 })], rows: [values(7, { cpu: 0.1 })] }));
    const second = store.find(7);
    expect(second).not.toBe(first);
    expect([first?.hasEnded, first?.cpu, second?.cpu]).toEqual([true, 0.9, 0.1]);
    expect(second?.key).not.toBe(first?.key);
  });

  test('a snapshot forgets what it does not list, and keeps the trend of what it does', () => {
    const store = new ProcessStore(1000);
    const rows = [values(7, { cpu: 0.5 }), values(8)];
    store.apply(message(1, { full: true, info: [info(7), info(8)], rows }));
    const [kept, lost] = [store.find(7), store.find(8)];
    store.apply(message(2, { full: true, info: [info(7)], rows: [values(7, { cpu: 0.7 })] }));
    expect(store.find(7)).toBe(kept);
    expect([kept?.hasEnded, lost?.hasEnded, store.size]).toEqual([false, true, 1]);
    expect(trendOf(store, 7)).toEqual([[1000, 0.5, false], [2000, 0.7, false]]);
  });

  test('a process that is not listed has the values it had, also in its trend', () => {
    const store = new ProcessStore(1000);
    store.apply(message(1, { full: true, info: [info(7)], rows: [values(7, { cpu: 0.5 })] }));
    store.apply(message(2));
    expect(trendOf(store, 7)).toEqual([[1000, 0.5, false], [2000, 0.5, false]]);
  });

  test('a trend is broken where messages are missing, not where scans are rarer', () => {
    const store = new ProcessStore(1000);
    const once = { full: true, info: [info(7)], rows: [values(7, { cpu: 0.5 })], interval: 3 };
    [1, 4, 7, 30].forEach((seq) => store.apply(message(seq, once)));
    expect(trendOf(store, 7).map(([, , isBroken]) => isBroken)).toEqual([false, false, false, true]);
  });

  test('a trend never holds more than its bound', () => {
    const store = new ProcessStore(1000);
    store.apply(message(1, { full: true, info: [info(7)], rows: [values(7, { cpu: 1 })] }));
    for (let seq = 2; seq <= 500; seq++) {
      store.apply(message(seq));
    }

    const trend = trendOf(store, 7);
    expect(trend.length).toBe(store.capacity);
    expect([trend[0]?.[0], trend.at(-1)?.[0]]).toEqual([440_000, 500_000]);
    expect(new ProcessStore(10).capacity).toBe(240);
  });

  test('a host whose numbering begins anew is another host', () => {
    const store = new ProcessStore(1000);
    store.apply(message(50, { full: true, info: [info(7)], rows: [values(7, { cpu: 1 })] }));
    store.apply(message(1, { full: true, info: [info(7)], rows: [values(7, { cpu: 0.5 })] }));
    expect(trendOf(store, 7)).toEqual([[1000, 0.5, false]]);
  });

  test('values of a pid that nobody introduced are left out', () => {
    const store = new ProcessStore(1000);
    store.apply(message(1, { rows: [values(9)], gone: [3] }));
    expect(store.size).toBe(0);
  });
});

function trendOf(store: ProcessStore, pid: number): [number, number, boolean][] {
  const { capacity } = store;
  const [x, y, breaks] = [new Float64Array(capacity), new Float64Array(capacity), new Uint8Array(capacity)];
  const process = store.find(pid);
  const count = process === undefined ? 0 : store.copyTrend(process, x, y, breaks);
  return Array.from({ length: count }, (_, i) => {
    return [x[i] ?? NaN, Number((y[i] ?? NaN).toFixed(3)), breaks[i] === 1];
  });
}

const cgroupValues = (id: number, cpu: number) => ({
  id, cpu, throttled: 0, cpuLimit: null, memory: 1, memoryLimit: null, read: 0, write: 0, tasks: 1, cpuStall: 0,
  memoryStall: 0, ioStall: 0, oomKills: 0,
});

describe('the cgroups', () => {
  const group = (id: number, path: string, kind: string): Cgroup => {
    return { id, path, name: path.split('/').at(-1) ?? '', kind, values: null, hasEnded: false };
  };

  test('follow their messages', () => {
    const store = new CgroupStore();
    const [a, b] = [group(1, '/a', 'unit'), group(2, '/b', 'unit')];
    store.apply({ type: 'cgroups', seq: 1, full: true, info: [a, b], gone: [], rows: [cgroupValues(1, 0.5)] });
    store.apply({ type: 'cgroups', seq: 2, full: false, info: [], gone: [2], rows: [cgroupValues(1, 0.7)] });
    expect([...store.all()].map(({ path, values: now }) => [path, now?.cpu])).toEqual([['/a', 0.7]]);
    expect([store.find('/a')?.id, store.find('/b')]).toEqual([1, undefined]);
    store.apply({ type: 'cgroups', seq: 3, full: true, info: [b], gone: [], rows: [] });
    expect([...store.all()].map(({ path }) => path)).toEqual(['/b']);
  });

  test('no work is listed twice: units and containers, not what is above or inside of them', () => {
    const all = [
      group(1, '/', 'root'), group(2, '/system.slice', 'slice'), group(3, '/system.slice/api.service', 'unit'),
      group(4, '/system.slice/api.service/worker', 'group'), group(5, '/machine.slice', 'slice'),
      group(6, '/docker', 'group'), group(7, '/docker/abc', 'container'), group(8, '/docker/abc/init', 'group'),
      group(9, '/lxc', 'group'),
    ];
    expect(listed(all).map(({ path }) => path)).toEqual([
      '/system.slice/api.service', '/machine.slice', '/docker/abc', '/lxc',
    ]);
  });

  test('where there is nothing but the root, the root stands for the host', () => {
    expect(listed([group(1, '/', 'root')]).map(({ path }) => path)).toEqual(['/']);
  });

  test('names are short', () => {
    expect(cgroupName('/system.slice/api.service')).toBe('api.service');
    expect(cgroupName('/')).toBe('/');
    const id = '0123456789ab'.padEnd(64, 'c');
    expect(cgroupName(`/system.slice/docker-${id}.scope`)).toBe('docker-0123456789ab.scope');
  });
});
