// Messages as the server sends them, small enough to read.
import type { Frame, Series } from '../src/wire';
import { seriesKey } from '../src/wire';

/** A series as it stands in a schema. */
export function series(name: string, labels: Readonly<Record<string, string>> = {}): Series {
  return { name, labels, unit: '1', kind: 'gauge', key: seriesKey(name, labels) };
}

/** A frame one second after the one before it, unless told otherwise. */
export function frame(seq: number, t: number, v: (number | null)[], dt: number | null = 1000): Frame {
  return { type: 'frame', seq, t, dt, v };
}

/** The text of a hello with these members changed. */
export function helloText(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    type: 'hello',
    protocol: 1,
    version: '0.1.0',
    now: 5000,
    interval: 1000,
    host: { id: 'atlas-01', name: 'atlas-01', cpuThreads: 16, osName: 'Debian GNU/Linux', swapBytes: 0, unknown: [1] },
    capabilities: [{ name: 'pressure', available: false, reason: 'no /proc/pressure', remedy: 'boot with psi=1' }],
    schema: {
      version: 3,
      topics: ['system'],
      series: [
        {
          name: 'system.disk.io',
          labels: { 'system.device': 'sda', 'disk.io.direction': 'read' },
          unit: 'By',
          kind: 'counter',
        },
        { name: 'system.uptime', unit: 's', kind: 'gauge' },
        { name: 'system.memory.limit', labels: {}, unit: 'By', kind: 'gauge' },
      ],
    },
    backlog: { seq: [1, 2], t: [4000, 5000], dt: [null, 1000], columns: [[null, 10], 7, null] },
    ...changes,
  });
}
