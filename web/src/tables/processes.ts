// The processes of the host as the messages tell them: a snapshot, then changes. Messages only write here; the table
// only reads.
import { Largest } from './largest';
import { newVersion } from '../versions';
import type { Processes, ProcessInfo, ProcessValues } from './messages';

/** How far back the trend of a process looks, ms. */
export const trendMs = 60_000;

/** Points of a trend at most, whatever the interval: 1,000 processes x 240 points x 4 bytes = 1 MB. */
const mostPoints = 240;

export class Process {
  readonly pid: number;
  readonly start: number;
  /** What identifies a process, because pids are given again. */
  readonly key: string;
  parent: number;
  name: string;
  args: string;
  user: string | null;
  cgroup: string | null;
  isKernel: boolean;
  state = '';
  cpu: number | null = null;
  memory: number | null = null;
  read: number | null = null;
  write: number | null = null;
  threads: number | null = null;
  nice: number | null = null;
  /** It is in no message any more; only a table whose order is held still shows it. */
  hasEnded = false;
  /** CPUs busy at the store's times; NaN where it was not there. */
  readonly trend: Float32Array;

  constructor(info: ProcessInfo, points: number) {
    this.pid = info.pid;
    this.start = info.start;
    this.key = processKey(info);
    this.parent = info.parent;
    this.name = info.name;
    this.args = info.args;
    this.user = info.user;
    this.cgroup = info.cgroup;
    this.isKernel = info.isKernel;
    this.trend = new Float32Array(points).fill(NaN);
  }

  /** Bytes a second from and to storage together; null when neither is known. */
  get io(): number | null {
    return this.read === null && this.write === null ? null : (this.read ?? 0) + (this.write ?? 0);
  }

  /** Takes over facts that changed: a process may execute another program or move to another cgroup. */
  learn(info: ProcessInfo): void {
    this.parent = info.parent;
    this.name = info.name;
    this.args = info.args;
    this.user = info.user;
    this.cgroup = info.cgroup;
    this.isKernel = info.isKernel;
  }

  measure(values: ProcessValues): void {
    this.state = values.state;
    this.cpu = values.cpu;
    this.memory = values.memory;
    this.read = values.read;
    this.write = values.write;
    this.threads = values.threads;
    this.nice = values.nice;
  }
}

export function processKey(identity: { readonly pid: number; readonly start: number }): string {
  return `${identity.pid}@${identity.start}`;
}

/** What a message says about all processes together. */
export type ProcessSummary = Pick<
  Processes,
  'total' | 'running' | 'sent' | 'hidden' | 'interval' | 'shortLived' | 'unattributed'
>;

export class ProcessStore {
  summary: ProcessSummary | null = null;
  /** Another number, never used before, with each message. */
  version = newVersion();
  /** Sequence number of the newest message. */
  seq = -1;

  readonly largest: Largest;

  readonly #byPid = new Map<number, Process>();
  readonly #points: number;
  /** Sequence numbers of the messages in the trends, a ring of `#points` like the trends themselves. */
  readonly #seqs: Float64Array;
  readonly #intervalMs: number;
  #slot = -1;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.largest = new Largest(intervalMs);
    this.#points = Math.min(mostPoints, Math.max(2, Math.ceil(trendMs / intervalMs) + 1));
    this.#seqs = new Float64Array(this.#points).fill(NaN);
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }

  get size(): number {
    return this.#byPid.size;
  }

  all(): IterableIterator<Process> {
    return this.#byPid.values();
  }

  find(pid: number): Process | undefined {
    return this.#byPid.get(pid);
  }

  /** Takes over a message. Rows of pids that nobody introduced are left out: the next snapshot brings them. */
  apply(message: Processes): void {
    if (message.seq < this.seq) {
      this.clear();
    }

    const before = message.full ? new Map(this.#byPid) : null;
    if (before !== null) {
      this.#byPid.clear();
    }

    message.gone.forEach((pid) => this.#end(pid));
    for (const info of message.info) {
      // In a snapshot a process that was known keeps its trend; its values are those of the snapshot alone.
      const known = this.#byPid.get(info.pid) ?? before?.get(info.pid);
      this.#introduce(info, known, before !== null);
    }

    for (const values of message.rows) {
      this.#byPid.get(values.pid)?.measure(values);
    }

    before?.forEach((process, pid) => {
      process.hasEnded = this.#byPid.get(pid) !== process;
    });
    this.summary = message;
    this.seq = message.seq;
    this.version = newVersion();
    this.#remember(message.seq);
    this.largest.take(message.seq, [...this.#byPid.values()]);
  }

  /** Forgets everything, because the host's numbering began anew. */
  clear(): void {
    this.#byPid.forEach((process) => (process.hasEnded = true));
    this.#byPid.clear();
    this.#seqs.fill(NaN);
    this.#slot = -1;
    this.largest.clear();
    this.summary = null;
    this.seq = -1;
    this.version = newVersion();
  }

  /**
   * Writes times, values and breaks of a trend, oldest first, into arrays of at least `capacity`; returns how many.
   * The times are sequence numbers in ms: they grow evenly even where the wall clock does not.
   */
  copyTrend(process: Process, x: Float64Array, values: Float64Array, breaks: Uint8Array): number {
    const step = Math.max(1, this.summary?.interval ?? 1);
    let count = 0;
    let last = NaN;
    for (let i = 1; i <= this.#points; i++) {
      const slot = (this.#slot + i) % this.#points;
      const seq = this.#seqs[slot] ?? NaN;
      if (!Number.isNaN(seq)) {
        x[count] = seq * this.#intervalMs;
        values[count] = process.trend[slot] ?? NaN;
        breaks[count] = seq - last > 1.5 * step ? 1 : 0;
        last = seq;
        count++;
      }
    }

    return count;
  }

  get capacity(): number {
    return this.#points;
  }

  #introduce(info: ProcessInfo, known: Process | undefined, isSnapshot: boolean): void {
    if (known === undefined || known.start !== info.start) {
      if (known !== undefined) {
        known.hasEnded = true;
      }

      this.#byPid.set(info.pid, new Process(info, this.#points));
      return;
    }

    known.learn(info);
    if (isSnapshot) {
      known.measure({ ...noValues, pid: info.pid });
    }

    this.#byPid.set(info.pid, known);
  }

  #end(pid: number): void {
    const process = this.#byPid.get(pid);
    if (process !== undefined) {
      process.hasEnded = true;
      this.#byPid.delete(pid);
    }
  }

  #remember(seq: number): void {
    this.#slot = (this.#slot + 1) % this.#points;
    this.#seqs[this.#slot] = seq;
    for (const process of this.#byPid.values()) {
      process.trend[this.#slot] = process.cpu ?? NaN;
    }
  }
}

const noValues: Omit<ProcessValues, 'pid'> = {
  state: '',
  cpu: null,
  memory: null,
  read: null,
  write: null,
  threads: null,
  nice: null,
};
