// The cgroups of the host as the messages tell them, and which of them are worth a row.
import { newVersion } from '../versions';
import type { CgroupInfo, Cgroups, CgroupValues } from './messages';

export interface Cgroup extends CgroupInfo {
  /** Null between the message that introduced it and its first values. */
  values: CgroupValues | null;
  hasEnded: boolean;
}

export class CgroupStore {
  /** Another number, never used before, with each message. */
  version = newVersion();
  /** Another number when a cgroup comes or goes. */
  membership = newVersion();

  readonly #byId = new Map<number, Cgroup>();
  readonly #byPath = new Map<string, Cgroup>();

  get size(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<Cgroup> {
    return this.#byId.values();
  }

  find(path: string): Cgroup | undefined {
    return this.#byPath.get(path);
  }

  apply(message: Cgroups): void {
    if (message.full) {
      this.clear();
    }

    message.gone.forEach((id) => this.#end(id));
    for (const info of message.info) {
      const values = this.#byId.get(info.id)?.values ?? null;
      this.#end(info.id);
      const cgroup: Cgroup = { ...info, values, hasEnded: false };
      this.#byId.set(info.id, cgroup);
      this.#byPath.set(info.path, cgroup);
      this.membership = newVersion();
    }

    for (const values of message.rows) {
      const cgroup = this.#byId.get(values.id);
      if (cgroup !== undefined) {
        cgroup.values = values;
      }
    }

    this.version = newVersion();
  }

  clear(): void {
    [...this.#byId.keys()].forEach((id) => this.#end(id));
    this.version = newVersion();
  }

  #end(id: number): void {
    const cgroup = this.#byId.get(id);
    if (cgroup !== undefined) {
      cgroup.hasEnded = true;
      this.#byId.delete(id);
      if (this.#byPath.get(cgroup.path) === cgroup) {
        this.#byPath.delete(cgroup.path);
      }

      this.membership = newVersion();
    }
  }
}

/**
 * The cgroups that get a row: units, containers, and what is in none of them. What stands above or inside of these
 * would count the same work twice: the root, slices that only hold others, and what a unit or container made for
 * itself. Where that leaves nothing, the root stands for the host.
 */
export function listed(cgroups: Iterable<Cgroup>): Cgroup[] {
  const all = [...cgroups];
  const parents = new Set(all.map((item) => parentOf(item.path)));
  const owners = new Set(all.filter((item) => isOwner(item.kind)).map((item) => item.path));
  const rows = all.filter((item) => {
    if (item.kind === 'root' || isInside(item.path, owners)) {
      return false;
    }

    return isOwner(item.kind) || !parents.has(item.path);
  });
  return rows.length > 0 ? rows : all.filter((item) => item.kind === 'root');
}

/** `/system.slice` of `/system.slice/api.service`. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isOwner(kind: string): boolean {
  return kind === 'unit' || kind === 'container';
}

function isInside(path: string, owners: ReadonlySet<string>): boolean {
  for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
    if (owners.has(above)) {
      return true;
    }
  }

  return false;
}

/** The name of a cgroup in a narrow column: its last part; ids of 64 digits are cut as their tools cut them. */
export function cgroupName(path: string): string {
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === '' ? path : last.replace(/([0-9a-f]{12})[0-9a-f]{20,52}/, '$1');
}
