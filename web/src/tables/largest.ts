// The processes that used most of something, second by second, for as long as the page holds its tracks: what a tip
// says about a second that has gone.
import { heldMs } from '../history';
import type { Process } from './processes';

/** What processes are compared by: CPUs busy, resident bytes, bytes a second from and to storage. */
export type Amount = 'cpu' | 'memory' | 'io';

export interface LargeUser {
  readonly name: string;
  readonly cgroup: string | null;
  readonly value: number;
}

/** Processes that are remembered of each second and amount. */
export const mostLargest = 4;

/** Seconds that are remembered at most, whatever the interval: 3,600 x 3 x 4 small objects, 2 MB. */
const mostSeconds = 3600;

const amounts: readonly Amount[] = ['cpu', 'memory', 'io'];

/** The processes that use most of something, largest first; those that use nothing of it are left out. */
export function largestOf<T>(processes: Iterable<T>, amountOf: (process: T) => number): T[] {
  const found: T[] = [];
  const amounts: number[] = [];
  for (const process of processes) {
    const amount = amountOf(process);
    let at = found.length;
    while (at > 0 && (amounts[at - 1] ?? 0) < amount) {
      at--;
    }

    if (amount > 0 && at < mostLargest) {
      found.splice(at, 0, process);
      amounts.splice(at, 0, amount);
      found.length = amounts.length = Math.min(found.length, mostLargest);
    }
  }

  return found;
}

export class Largest {
  readonly #seqs: Float64Array;
  readonly #users: Readonly<Record<Amount, (readonly LargeUser[])[]>> = { cpu: [], memory: [], io: [] };

  constructor(intervalMs: number) {
    this.#seqs = new Float64Array(Math.min(mostSeconds, Math.ceil(heldMs / intervalMs) + 1)).fill(NaN);
  }

  /** Remembers a table. */
  take(seq: number, processes: readonly Process[]): void {
    const slot = seq % this.#seqs.length;
    this.#seqs[slot] = seq;
    for (const amount of amounts) {
      this.#users[amount][slot] = largestOf(processes, (process) => process[amount] ?? 0).map((process) => {
        const { name, isKernel, cgroup } = process;
        return { name, cgroup: isKernel ? 'kernel' : cgroup, value: process[amount] ?? 0 };
      });
    }
  }

  /** The largest at a tick, or at the scan before it where scans are `step` ticks apart; null when nobody looked. */
  at(seq: number, amount: Amount, step: number): readonly LargeUser[] | null {
    for (let back = 0; back < step; back++) {
      const slot = (seq - back) % this.#seqs.length;
      if (this.#seqs[slot] === seq - back) {
        return this.#users[amount][slot] ?? null;
      }
    }

    return null;
  }

  clear(): void {
    this.#seqs.fill(NaN);
  }
}
