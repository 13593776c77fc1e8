import type { Column, History } from '../history';

export const diskIo = 'system.disk.io';
export const diskOperations = 'system.disk.operations';
export const diskBusy = 'system.disk.io_time';
export const diskPending = 'system.disk.pending_operations';

/** The columns of one block device. */
export interface Disk {
  readonly name: string;
  read: Column | undefined;
  write: Column | undefined;
  reads: Column | undefined;
  writes: Column | undefined;
  busy: Column | undefined;
  pending: Column | undefined;
}

/** Device mapper, RAID, loop and the like pass their requests on to devices that are counted as well. */
const passesOn = /^(dm-|md|loop|ram|zram|nbd|sr|fd|drbd|bcache)\d/;

/** Devices whose requests reach hardware of their own: adding them counts no byte twice. */
export function wholeDisks<T extends { readonly name: string }>(disks: readonly T[]): T[] {
  const names = new Set(disks.map((disk) => disk.name));
  const isPartition = (name: string): boolean => {
    const parent = /^(.*?\d)p\d+$/.exec(name)?.[1] ?? /^(.*\D)\d+$/.exec(name)?.[1];
    return parent !== undefined && names.has(parent);
  };
  const whole = disks.filter((disk) => !passesOn.test(disk.name) && !isPartition(disk.name));
  return whole.length > 0 ? whole : [...disks];
}

/** The block devices of a history, by name. */
export function disksOf(history: History): Disk[] {
  const disks = new Map<string, Disk>();
  const each = (metric: string, take: (disk: Disk, column: Column, direction: string | undefined) => void): void => {
    for (const column of history.columnsOf(metric)) {
      const name = column.series.labels['system.device'] ?? '';
      const empty = { read: undefined, write: undefined, reads: undefined, writes: undefined };
      const disk = disks.get(name) ?? { name, ...empty, busy: undefined, pending: undefined };
      disks.set(name, disk);
      take(disk, column, column.series.labels['disk.io.direction']);
    }
  };

  each(diskIo, (disk, column, direction) => {
    if (direction === 'read' || direction === 'write') {
      disk[direction] = column;
    }
  });
  each(diskOperations, (disk, column, direction) => {
    if (direction === 'read' || direction === 'write') {
      disk[direction === 'read' ? 'reads' : 'writes'] = column;
    }
  });
  each(diskBusy, (disk, column) => (disk.busy = column));
  each(diskPending, (disk, column) => (disk.pending = column));
  return [...disks.values()].sort((a, b) => a.name.localeCompare(b.name));
}
