// What the process table shows line by line: flat, as a tree by parent, or by cgroup.
import type { Filter } from './filter';
import { comparator, type Sort } from './order';
import type { Process } from './processes';

export type Shape = 'flat' | 'tree' | 'cgroup';

export const shapes: readonly Shape[] = ['flat', 'tree', 'cgroup'];

/** Values of one line: of a process, or the sums of what is folded below it. */
export interface LineValues {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly read: number | null;
  readonly write: number | null;
}

export interface Line {
  /** What the line stays the same line by. */
  readonly key: string;
  /** Null: the head of a cgroup. */
  readonly process: Process | null;
  readonly cgroup: string | null;
  readonly depth: number;
  /** Lines below this one that can be folded away. */
  readonly below: number;
  readonly isFolded: boolean;
  /** Shown only because something below it matches. */
  readonly isContext: boolean;
  readonly values: LineValues;
}

export interface LineRequest {
  readonly processes: readonly Process[];
  readonly shape: Shape;
  readonly sort: Sort;
  readonly filter: Filter;
  readonly folded: ReadonlySet<string>;
}

/** The lines for a request, in order. */
export function linesOf(request: LineRequest): Line[] {
  switch (request.shape) {
    case 'flat':
      return flat(request);
    case 'tree':
      return new TreeBuilder(request).build();
    case 'cgroup':
      return byCgroup(request);
  }
}

function lineOf(process: Process, depth: number, isContext = false): Line {
  const { key, cgroup } = process;
  return { key, process, cgroup, depth, below: 0, isFolded: false, isContext, values: process };
}

function flat({ processes, sort, filter }: LineRequest): Line[] {
  return processes
    .filter((process) => filter.matches(process))
    .sort(comparator(sort))
    .map((process) => lineOf(process, 0));
}

/** Sums; null when no part is known. */
class Sum {
  cpu: number | null = null;
  memory: number | null = null;
  read: number | null = null;
  write: number | null = null;

  get io(): number | null {
    return plus(this.read, this.write);
  }

  add(part: LineValues): void {
    this.cpu = plus(this.cpu, part.cpu);
    this.memory = plus(this.memory, part.memory);
    this.read = plus(this.read, part.read);
    this.write = plus(this.write, part.write);
  }
}

function plus(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

/** Name of the group of processes that are in no cgroup that the server knows. */
export const noCgroup = '';

function byCgroup({ processes, sort, filter, folded }: LineRequest): Line[] {
  const groups = new Map<string, { readonly sum: Sum; readonly members: Process[] }>();
  for (const process of processes) {
    if (filter.matches(process)) {
      const path = process.cgroup ?? noCgroup;
      let group = groups.get(path);
      if (group === undefined) {
        groups.set(path, (group = { sum: new Sum(), members: [] }));
      }

      group.sum.add(process);
      group.members.push(process);
    }
  }

  const compare = comparator(sort);
  const heads = [...groups].map(([path, { sum, members }]) => {
    const first = members.reduce((a, b) => (compare(b, a) < 0 ? b : a));
    // Sums compare as one process would; a pid or a name cannot be added, so there the first member stands for all.
    const { cpu, memory, read, write, io } = sum;
    const values = { cpu, memory, read, write, io };
    return { path, members, ...values, pid: first.pid, name: first.name, cgroup: path, values };
  });
  return heads.sort(compare).flatMap(({ path, members, values }) => {
    const key = `cg:${path}`;
    const isFolded = folded.has(key);
    const below = members.length;
    const head = { key, process: null, cgroup: path, depth: 0, below, isFolded, isContext: false, values };
    return isFolded ? [head] : [head, ...members.sort(compare).map((process) => lineOf(process, 1))];
  });
}

interface Branch {
  readonly process: Process;
  readonly children: Branch[];
  readonly sum: Sum;
  /** Matching processes in it, itself included. */
  matching: number;
  /** Processes in it, itself included. */
  size: number;
}

/**
 * Parents above their children. A parent that is not there, or that began later than its child (its pid was given
 * again), is no parent: the child stands at the top. Rings, which only a table read while it changed can contain, are
 * cut open at one of their members.
 */
class TreeBuilder {
  readonly #request: LineRequest;
  readonly #branches = new Map<number, Branch>();
  readonly #lines: Line[] = [];
  readonly #compare: (a: Branch, b: Branch) => number;

  constructor(request: LineRequest) {
    this.#request = request;
    const compare = comparator(request.sort);
    this.#compare = (a, b) => compare(orderable(a), orderable(b));
  }

  build(): Line[] {
    const { processes, filter } = this.#request;
    for (const process of processes) {
      this.#branches.set(process.pid, { process, children: [], sum: new Sum(), matching: 0, size: 0 });
    }

    const roots: Branch[] = [];
    for (const branch of this.#branches.values()) {
      const parent = this.#parentOf(branch);
      if (parent === null) {
        roots.push(branch);
      } else {
        parent.children.push(branch);
      }
    }

    const reached = new Set<Branch>();
    roots.forEach((root) => this.#add(root, reached));
    for (const branch of this.#branches.values()) {
      if (!reached.has(branch)) {
        const top = this.#memberOfRing(branch);
        const parent = this.#parentOf(top);
        parent?.children.splice(parent.children.indexOf(top), 1);
        roots.push(top);
        this.#add(top, reached);
      }
    }

    for (const root of roots.sort(this.#compare)) {
      this.#write(root, 0, filter.isEmpty);
    }

    return this.#lines;
  }

  #parentOf({ process }: Branch): Branch | null {
    const parent = this.#branches.get(process.parent);
    return parent === undefined || parent.process === process || parent.process.start > process.start ? null : parent;
  }

  /** A member of the ring that a branch without a root hangs on. */
  #memberOfRing(branch: Branch): Branch {
    const seen = new Set<Branch>();
    let above = branch;
    while (!seen.has(above)) {
      seen.add(above);
      above = this.#parentOf(above) ?? above;
    }

    return above;
  }

  /** Sums a branch from its leaves up, without recursion: a chain of processes may be longer than a stack. */
  #add(root: Branch, reached: Set<Branch>): void {
    const path: Branch[] = [];
    const waiting = [root];
    for (let branch = waiting.pop(); branch !== undefined; branch = waiting.pop()) {
      if (!reached.has(branch)) {
        reached.add(branch);
        path.push(branch);
        waiting.push(...branch.children);
      }
    }

    for (const branch of path.reverse()) {
      branch.sum.add(branch.process);
      branch.size = 1;
      branch.matching = this.#request.filter.matches(branch.process) ? 1 : 0;
      for (const child of branch.children) {
        branch.sum.add(child.sum);
        branch.size += child.size;
        branch.matching += child.matching;
      }
    }
  }

  #write(root: Branch, depth: number, all: boolean): void {
    const waiting = [{ branch: root, depth }];
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      const { branch } = item;
      if (!all && branch.matching === 0) {
        continue;
      }

      const { process } = branch;
      const isFolded = branch.children.length > 0 && this.#request.folded.has(process.key);
      const isContext = !all && !this.#request.filter.matches(process);
      const line = lineOf(process, item.depth, isContext);
      this.#lines.push({ ...line, below: branch.size - 1, isFolded, values: isFolded ? branch.sum : process });
      if (!isFolded) {
        const children = branch.children.sort(this.#compare).reverse();
        waiting.push(...children.map((child) => ({ branch: child, depth: (item?.depth ?? 0) + 1 })));
      }
    }
  }
}

/** A branch is as large as all that is in it, so that the busiest stands first wherever in it the work is done. */
function orderable({ process, sum }: Branch) {
  const { cpu, memory, read, write, io } = sum;
  return { pid: process.pid, name: process.name, cgroup: process.cgroup, cpu, memory, read, write, io };
}
