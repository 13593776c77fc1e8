// The messages `processes` and `cgroups` of docs/WIRE.md. Their rows are arrays; members that a later server adds at
// the end of one are ignored.
import { arrayAt, type Json, numberAt, numberOrNullAt, stringAt, stringOrNullAt } from '../json';

/** Facts of a process: sent when it is new and when they change. */
export interface ProcessInfo {
  readonly pid: number;
  /** When it began, 1/100 s since boot. A pid given again with another start is another process. */
  readonly start: number;
  readonly parent: number;
  readonly name: string;
  readonly args: string;
  readonly user: string | null;
  readonly cgroup: string | null;
  readonly isKernel: boolean;
}

/** Values of a process: sent when one of them changes. */
export interface ProcessValues {
  readonly pid: number;
  /** State letter of the kernel: R, S, D, Z, T, I. */
  readonly state: string;
  /** CPUs busy: 1.00 is one CPU. */
  readonly cpu: number | null;
  /** Resident bytes. */
  readonly memory: number | null;
  /** Bytes a second from and to storage. */
  readonly read: number | null;
  readonly write: number | null;
  readonly threads: number | null;
  readonly nice: number | null;
}

export interface Processes {
  readonly type: 'processes';
  readonly seq: number;
  /** True: a snapshot; false: changes to the message before. */
  readonly full: boolean;
  readonly total: number;
  readonly running: number;
  /** How many of `total` are sent, when not all are. */
  readonly sent: number | null;
  readonly hidden: number | null;
  /** Ticks between two scans. */
  readonly interval: number;
  readonly shortLived: number | null;
  /** CPUs busy that no process accounts for. */
  readonly unattributed: number | null;
  readonly info: readonly ProcessInfo[];
  readonly gone: readonly number[];
  readonly rows: readonly ProcessValues[];
}

export interface CgroupInfo {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  /** root, slice, unit, container or group. */
  readonly kind: string;
}

export interface CgroupValues {
  readonly id: number;
  readonly cpu: number | null;
  /** Share of time held back by the CPU limit, 0 to 1. */
  readonly throttled: number | null;
  /** CPUs. */
  readonly cpuLimit: number | null;
  readonly memory: number | null;
  readonly memoryLimit: number | null;
  readonly read: number | null;
  readonly write: number | null;
  readonly tasks: number | null;
  /** Shares of time in which some task waited, 0 to 1. */
  readonly cpuStall: number | null;
  readonly memoryStall: number | null;
  readonly ioStall: number | null;
  readonly oomKills: number | null;
}

export interface Cgroups {
  readonly type: 'cgroups';
  readonly seq: number;
  readonly full: boolean;
  readonly info: readonly CgroupInfo[];
  readonly gone: readonly number[];
  readonly rows: readonly CgroupValues[];
}

export function readProcesses(json: Json): Processes {
  return {
    type: 'processes',
    seq: numberAt(json['seq'], 'processes.seq'),
    full: json['full'] === true,
    total: numberAt(json['total'], 'processes.total'),
    running: numberAt(json['running'], 'processes.running'),
    sent: numberOrNullAt(json['sent'], 'processes.sent'),
    hidden: numberOrNullAt(json['hidden'], 'processes.hidden'),
    interval: numberOrNullAt(json['interval'], 'processes.interval') ?? 1,
    shortLived: numberOrNullAt(json['shortLived'], 'processes.shortLived'),
    unattributed: numberOrNullAt(json['unattributed'], 'processes.unattributed'),
    info: rowsAt(json, 'processes', 'info', readProcessInfo),
    gone: rowsAt(json, 'processes', 'gone', numberAt),
    rows: rowsAt(json, 'processes', 'rows', readProcessValues),
  };
}

export function readCgroups(json: Json): Cgroups {
  return {
    type: 'cgroups',
    seq: numberAt(json['seq'], 'cgroups.seq'),
    full: json['full'] === true,
    info: rowsAt(json, 'cgroups', 'info', readCgroupInfo),
    gone: rowsAt(json, 'cgroups', 'gone', numberAt),
    rows: rowsAt(json, 'cgroups', 'rows', readCgroupValues),
  };
}

function rowsAt<T>(json: Json, type: string, member: string, read: (row: unknown, where: string) => T): T[] {
  const where = `${type}.${member}`;
  return arrayAt(json[member], where).map((row, i) => read(row, `${where}[${i}]`));
}

// [21344,8812345,1,"dotnet","Atlas.Api.dll","atlas","/system.slice/api.service",false]
function readProcessInfo(json: unknown, where: string): ProcessInfo {
  const row = arrayAt(json, where);
  return {
    pid: numberAt(row[0], `${where}[0]`),
    start: numberAt(row[1], `${where}[1]`),
    parent: numberOrNullAt(row[2], `${where}[2]`) ?? 0,
    name: stringAt(row[3], `${where}[3]`),
    args: stringOrNullAt(row[4], `${where}[4]`) ?? '',
    user: stringOrNullAt(row[5], `${where}[5]`),
    cgroup: stringOrNullAt(row[6], `${where}[6]`),
    isKernel: row[7] === true,
  };
}

// [21344,"S",0.92,1964965888,null,419430,31,0,20]
function readProcessValues(json: unknown, where: string): ProcessValues {
  const row = arrayAt(json, where);
  const value = (i: number) => numberOrNullAt(row[i], `${where}[${i}]`);
  return {
    pid: numberAt(row[0], `${where}[0]`),
    state: stringAt(row[1], `${where}[1]`),
    cpu: value(2),
    memory: value(3),
    read: value(4),
    write: value(5),
    threads: value(6),
    nice: value(7),
  };
}

// [7,"/system.slice/api.service","api.service","unit"]
function readCgroupInfo(json: unknown, where: string): CgroupInfo {
  const row = arrayAt(json, where);
  return {
    id: numberAt(row[0], `${where}[0]`),
    path: stringAt(row[1], `${where}[1]`),
    name: stringAt(row[2], `${where}[2]`),
    kind: stringAt(row[3], `${where}[3]`),
  };
}

// [7,0.93,0,null,2040109465,4294967296,0,419430,12,0.01,0,0.002,0]
function readCgroupValues(json: unknown, where: string): CgroupValues {
  const row = arrayAt(json, where);
  const value = (i: number) => numberOrNullAt(row[i], `${where}[${i}]`);
  return {
    id: numberAt(row[0], `${where}[0]`),
    cpu: value(1),
    throttled: value(2),
    cpuLimit: value(3),
    memory: value(4),
    memoryLimit: value(5),
    read: value(6),
    write: value(7),
    tasks: value(8),
    cpuStall: value(9),
    memoryStall: value(10),
    ioStall: value(11),
    oomKills: value(12),
  };
}
