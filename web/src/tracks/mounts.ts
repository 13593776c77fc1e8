import type { Column, History } from '../history';

export const filesystemUsage = 'system.filesystem.usage';
export const filesystemInodes = 'system.filesystem.inodes.usage';
export const filesystemResponding = 'system.filesystem.responding';

/** From this share on a file system is full enough to be named. */
export const attentionShare = 0.9;

/** From this share on it is about to fail programs. */
export const criticalShare = 0.97;

/** The columns of one mounted file system. */
export interface Mount {
  readonly point: string;
  readonly device: string;
  readonly kind: string;
  used: Column | undefined;
  free: Column | undefined;
  reserved: Column | undefined;
  inodesUsed: Column | undefined;
  inodesFree: Column | undefined;
  responding: Column | undefined;
}

/** What is known of a file system at one second. */
export interface MountState {
  readonly mount: Mount;
  readonly answers: boolean;
  readonly usedBytes: number;
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** Used of what everyone may use, 0 to 1, as df computes it; NaN when not known. */
  readonly share: number;
  readonly inodeShare: number;
}

/** The file systems of a history, the root first, then by mount point; each device once. */
export function mountsOf(history: History): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const metric of [filesystemUsage, filesystemInodes, filesystemResponding]) {
    for (const column of history.columnsOf(metric)) {
      place(mounts, metric, column);
    }
  }

  const sorted = [...mounts.values()].sort((a, b) => a.point.localeCompare(b.point));
  const devices = new Set<string>();
  return sorted.filter((mount) => {
    const first = mount.device === '' || !mount.device.startsWith('/') || !devices.has(mount.device);
    devices.add(mount.device);
    return first;
  });
}

function place(mounts: Map<string, Mount>, metric: string, column: Column): void {
  const { labels } = column.series;
  const point = labels['system.filesystem.mountpoint'] ?? '';
  const device = labels['system.device'] ?? '';
  const key = `${device} ${point}`;
  const mount = mounts.get(key) ?? {
    point,
    device,
    kind: labels['system.filesystem.type'] ?? '',
    used: undefined,
    free: undefined,
    reserved: undefined,
    inodesUsed: undefined,
    inodesFree: undefined,
    responding: undefined,
  };
  mounts.set(key, mount);
  const state = labels['system.filesystem.state'];
  if (metric === filesystemResponding) {
    mount.responding = column;
  } else if (metric === filesystemInodes) {
    mount[state === 'used' ? 'inodesUsed' : 'inodesFree'] = column;
  } else if (state === 'used' || state === 'free' || state === 'reserved') {
    mount[state] = column;
  }
}

/** The state of a file system at an index of the history. */
export function stateOf(mount: Mount, index: number): MountState {
  const value = (column: Column | undefined): number => column?.values[index] ?? NaN;
  const [used, free] = [value(mount.used), value(mount.free)];
  const reserved = value(mount.reserved);
  const inodesUsed = value(mount.inodesUsed);
  return {
    mount,
    answers: value(mount.responding) !== 0,
    usedBytes: used,
    freeBytes: free,
    totalBytes: used + free + (Number.isNaN(reserved) ? 0 : reserved),
    share: used + free > 0 ? used / (used + free) : NaN,
    inodeShare: inodesUsed / (inodesUsed + value(mount.inodesFree)),
  };
}

/** The most urgent first: those that do not answer, then the fullest; the root keeps the first place otherwise. */
export function byUrgency(a: MountState, b: MountState): number {
  const rank = (state: MountState): number => {
    if (!state.answers) {
      return 3;
    }

    return state.share >= attentionShare ? 2 : state.mount.point === '/' ? 1 : 0;
  };
  return rank(b) - rank(a) || (b.share || 0) - (a.share || 0) || a.mount.point.localeCompare(b.mount.point);
}
