import { mebibytes, missing, percent, whole } from '../format';
import type { Column, History } from '../history';
import { type Disk, diskBusy, diskIo, diskOperations, diskPending, disksOf, wholeDisks } from './disk-columns';
import { axisBytes, directionOf, Mirror, sumAt } from './mirror';
import type { Track } from './track';

const mebibyte = 1024 ** 2;

/** Bytes read and written, summed over whole disks; how busy the busiest is. */
export const disk: Track = {
  id: 'disk',
  title: 'Disk I/O',
  needs: [diskIo, diskOperations, diskBusy, diskPending],
  isPlotted: true,
  source: 'disks',
  users: 'io',
  weight: 74,
  absent: (history) => (disksOf(history).length === 0 ? 'This host shows no disk.' : null),
  mount(frame, palette) {
    const scale = { kind: 'binary', floor: mebibyte, label: axisBytes } as const;
    const mirror = new Mirror(frame, 'disk', scale, palette);
    const [readCell, writeCell, busyCell] = frame.legend([
      { id: 'read', label: 'read ↑', colour: 'disk' },
      { id: 'write', label: 'write ↓', colour: 'disk' },
      { id: 'busy', label: 'busy', colour: 'none' },
    ]);
    const columns = new DiskColumns();
    const [above, below] = [directionOf(() => columns.of('read')), directionOf(() => columns.of('write'))];
    return {
      draw(view) {
        columns.refresh(view.history);
        mirror.draw(view, above, below);
      },
      read(view) {
        columns.refresh(view.history);
        const [read, write] = [columns.sum('read', view.at), columns.sum('write', view.at)];
        frame.write(mebibytes(read + write), 'MiB/s');
        readCell?.value.write(withUnit(mebibytes(read), 'MiB/s'));
        writeCell?.value.write(withUnit(mebibytes(write), 'MiB/s'));
        const busiest = columns.busiest(view.at);
        busyCell?.label.write(busiest === null ? 'busy' : `${busiest.name} busy`);
        busyCell?.value.write(withUnit(percent(100 * (busiest?.share ?? NaN)), '%'));
      },
      level(view, index) {
        columns.refresh(view.history);
        return columns.sum('read', index) + columns.sum('write', index);
      },
      resize: (width, height) => mirror.resize(width, height),
      unmount: () => mirror.destroy(),
      numbers: () => [
        { name: 'read', unit: 'MiB/s', text: (index) => mebibytes(columns.sum('read', index)) },
        { name: 'write', unit: 'MiB/s', text: (index) => mebibytes(columns.sum('write', index)) },
        { name: 'reads', unit: '/s', text: (index) => whole(columns.sum('reads', index)) },
        { name: 'writes', unit: '/s', text: (index) => whole(columns.sum('writes', index)) },
        { name: 'busiest', unit: '%', text: (index) => percent(100 * (columns.busiest(index)?.share ?? NaN)) },
      ],
    };
  },
};

function withUnit(value: string, unit: string): string {
  return value === missing ? value : `${value} ${unit}`;
}

class DiskColumns {
  #disks: Disk[] = [];
  #columns = { read: [], write: [], reads: [], writes: [] } as Record<'read' | 'write' | 'reads' | 'writes', Column[]>;
  #version = -1;

  refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#disks = wholeDisks(disksOf(history));
      for (const member of ['read', 'write', 'reads', 'writes'] as const) {
        this.#columns[member] = this.#disks.flatMap((item) => item[member] ?? []);
      }
    }
  }

  of(member: 'read' | 'write'): readonly Column[] {
    return this.#columns[member];
  }

  sum(member: 'read' | 'write' | 'reads' | 'writes', index: number): number {
    return sumAt(this.#columns[member], index);
  }

  /** The disk with the largest share of time with requests in flight, 0 to 1. */
  busiest(index: number): { readonly name: string; readonly share: number } | null {
    let found: { name: string; share: number } | null = null;
    for (const item of this.#disks) {
      const share = Math.min(1, item.busy?.values[index] ?? NaN);
      if (!Number.isNaN(share) && (found === null || share > found.share)) {
        found = { name: item.name, share };
      }
    }

    return found;
  }
}
