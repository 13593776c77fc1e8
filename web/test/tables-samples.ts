// Processes and messages as the server sends them, small enough to read.
import type { Processes, ProcessInfo, ProcessValues } from '../src/tables/messages';
import { Process } from '../src/tables/processes';

export function info(pid: number, changes: Partial<ProcessInfo> = {}): ProcessInfo {
  const name = `p${pid}`;
  return { pid, start: 100, parent: 1, name, args: '', user: 'root', cgroup: '/', isKernel: false, ...changes };
}

export function values(pid: number, changes: Partial<ProcessValues> = {}): ProcessValues {
  return { pid, state: 'S', cpu: 0, memory: 0, read: 0, write: 0, threads: 1, nice: 0, ...changes };
}

export function message(seq: number, changes: Partial<Processes> = {}): Processes {
  return {
    type: 'processes', seq, full: false, total: 0, running: 0, sent: null, hidden: 0, interval: 1, shortLived: 0,
    unattributed: 0, info: [], gone: [], rows: [], ...changes,
  };
}

/** A process with these facts and values. */
export function process(pid: number, changes: Partial<ProcessInfo & ProcessValues> = {}): Process {
  const made = new Process(info(pid, changes), 2);
  made.measure(values(pid, changes));
  return made;
}
