// Both tables of the host: as far as messages told them, or those of a moment of the past.
import { newVersion } from '../versions';
import { CgroupStore } from './cgroups';
import type { Cgroups, Processes } from './messages';
import { ProcessStore } from './processes';

/** Both tables of one time. */
export interface TablePair {
  readonly processes: ProcessStore;
  readonly cgroups: CgroupStore;
}

export class Tables {
  /** Another number when rows of another time are shown, whose order has nothing to do with what was shown before. */
  turn = newVersion();

  #processes = new ProcessStore(1000);
  readonly #cgroups = new CgroupStore();
  #past: TablePair | null = null;

  /** The processes that are shown. */
  get processes(): ProcessStore {
    return this.#past?.processes ?? this.#processes;
  }

  /** The cgroups that are shown. */
  get cgroups(): CgroupStore {
    return this.#past?.cgroups ?? this.#cgroups;
  }

  /** The processes of now, whatever is shown. */
  get live(): ProcessStore {
    return this.#processes;
  }

  get isPast(): boolean {
    return this.#past !== null;
  }

  /** Shows the tables of the past, or, with null, those of now again. */
  show(past: TablePair | null, isStep = false): void {
    if (past !== this.#past || !isStep) {
      this.#past = past;
      this.turn = newVersion();
    }
  }

  /** The host samples at this interval, ms. */
  begin(intervalMs: number): void {
    if (intervalMs !== this.#processes.intervalMs) {
      this.#processes = new ProcessStore(intervalMs);
    }
  }

  take(message: Processes | Cgroups): void {
    if (message.type === 'processes') {
      this.#processes.apply(message);
    } else {
      this.#cgroups.apply(message);
    }
  }
}
