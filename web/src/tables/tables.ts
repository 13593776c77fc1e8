// Both tables of the host, as far as messages told them.
import { CgroupStore } from './cgroups';
import type { Cgroups, Processes } from './messages';
import { ProcessStore } from './processes';

export class Tables {
  processes = new ProcessStore(1000);
  readonly cgroups = new CgroupStore();

  /** The host samples at this interval, ms. */
  begin(intervalMs: number): void {
    if (intervalMs !== this.processes.intervalMs) {
      this.processes = new ProcessStore(intervalMs);
    }
  }

  take(message: Processes | Cgroups): void {
    if (message.type === 'processes') {
      this.processes.apply(message);
    } else {
      this.cgroups.apply(message);
    }
  }
}
