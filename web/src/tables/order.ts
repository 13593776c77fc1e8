// The order of the rows: by a column, ties by memory, then by pid, so that the same values always give the same order.

export type ProcessColumn = 'pid' | 'name' | 'cgroup' | 'cpu' | 'memory' | 'read' | 'write' | 'io';

export interface Sort {
  readonly by: ProcessColumn;
  readonly descending: boolean;
}

/** What an order looks at. */
export interface Ordered {
  readonly pid: number;
  readonly name: string;
  readonly cgroup: string | null;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly read: number | null;
  readonly write: number | null;
  readonly io: number | null;
}

export const defaultSort: Sort = { by: 'cpu', descending: true };

/** The order after a column was chosen: again for the other direction; amounts begin with the largest. */
export function sortedBy(current: Sort, by: ProcessColumn): Sort {
  return by === current.by
    ? { by, descending: !current.descending }
    : { by, descending: !['pid', 'name', 'cgroup'].includes(by) };
}

/** Compares two rows. What is missing comes last in both directions. */
export function comparator({ by, descending }: Sort): (a: Ordered, b: Ordered) => number {
  const sign = descending ? -1 : 1;
  const first = by === 'name' || by === 'cgroup' ? byText(by, sign) : byNumber(by, sign);
  return (a, b) => first(a, b) || (b.memory ?? -1) - (a.memory ?? -1) || a.pid - b.pid;
}

function byText(by: 'name' | 'cgroup', sign: number): (a: Ordered, b: Ordered) => number {
  return (a, b) => {
    const [x, y] = [a[by], b[by]];
    return x === null || y === null ? Number(x === null) - Number(y === null) : x === y ? 0 : x < y ? -sign : sign;
  };
}

function byNumber(by: Exclude<ProcessColumn, 'name' | 'cgroup'>, sign: number): (a: Ordered, b: Ordered) => number {
  return (a, b) => {
    const [x, y] = [a[by], b[by]];
    return x === null || y === null ? Number(x === null) - Number(y === null) : sign * (x - y);
  };
}
