// What docs/WIRE.md says, as types, and the one place where text from the server becomes values that the page trusts.
import { type Auth, readAuth } from './access';
import { arrayAt, isObject, type Json, numberAt, numberOrNullAt, objectAt, stringAt, WireError } from './json';
import { readRecorder, type Recorder, recorderOf } from './past/recorder';
import { type Cgroups, type Processes, readCgroups, readProcesses } from './tables/messages';

export { WireError } from './json';

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter';
  /** Name and labels in one string; what identifies a series, whatever its position. */
  readonly key: string;
}

export interface HostAddress {
  readonly interface: string | null;
  readonly address: string;
  readonly prefixLength: number | null;
}

export interface HostInfo {
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly HostAddress[];
  readonly osName: string | null;
  readonly osVersion: string | null;
  readonly osPrettyName: string | null;
  readonly kernel: string | null;
  readonly architecture: string | null;
  readonly cpuModel: string | null;
  readonly cpuSockets: number | null;
  readonly cpuCores: number | null;
  readonly cpuThreads: number | null;
  readonly memoryBytes: number | null;
  readonly swapBytes: number | null;
  readonly bootUnixMs: number | null;
  readonly virtualization: string | null;
  readonly container: string | null;
  readonly timeZone: string | null;
  readonly hardware: string | null;
}

export interface Capability {
  readonly name: string;
  readonly available: boolean;
  readonly reason: string | null;
  readonly remedy: string | null;
}

export interface Schema {
  readonly type: 'schema';
  readonly version: number;
  readonly topics: readonly string[];
  readonly series: readonly Series[];
}

/** One series of the backlog: one value a frame, or the one value that it had in all of them. */
export type BacklogColumn = number | null | readonly (number | null)[];

export interface Backlog {
  readonly seq: readonly number[];
  readonly t: readonly number[];
  readonly dt: readonly (number | null)[];
  readonly columns: readonly BacklogColumn[];
}

export interface Hello {
  readonly type: 'hello';
  readonly protocol: 1;
  readonly version: string;
  readonly now: number;
  readonly interval: number;
  readonly host: HostInfo;
  readonly capabilities: readonly Capability[];
  readonly schema: Schema;
  readonly backlog: Backlog;
  /** Null from a server that does not say. */
  readonly auth: Auth | null;
  /** Null when nothing is recorded; undefined from a server that only says so when it is asked. */
  readonly recorder: Recorder | null | undefined;
}

export interface Frame {
  readonly type: 'frame';
  readonly seq: number;
  readonly t: number;
  readonly dt: number | null;
  readonly v: readonly (number | null)[];
}

export type Message = Hello | Schema | Frame | Processes | Cgroups | Recorder;

/** Decodes one message; `null` for a type that this page does not know, which the contract tells it to ignore. */
export function decode(text: string): Message | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new WireError(`a message is not JSON: ${text.slice(0, 80)}`);
  }

  const message = objectAt(json, 'message');
  switch (message['type']) {
    case 'frame':
      return readFrame(message);
    case 'processes':
      return readProcesses(message);
    case 'cgroups':
      return readCgroups(message);
    case 'recorder':
      return readRecorder(message);
    case 'schema':
      return readSchema(message, 'schema');
    case 'hello':
      return readHello(message);
    default:
      return null;
  }
}

/** The key of a series: labels in alphabetical order, so that two servers agree. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort();
  return names.length === 0 ? name : `${name}{${names.map((n) => `${n}=${JSON.stringify(labels[n])}`).join(',')}}`;
}

export function readFrame(json: Json): Frame {
  const v = arrayAt(json['v'], 'frame.v');
  for (let i = 0; i < v.length; i++) {
    if (v[i] !== null && typeof v[i] !== 'number') {
      throw new WireError(`frame.v[${i}] must be a number or null`);
    }
  }

  return {
    type: 'frame',
    seq: numberAt(json['seq'], 'frame.seq'),
    t: numberAt(json['t'], 'frame.t'),
    dt: numberOrNullAt(json['dt'], 'frame.dt'),
    v: v as readonly (number | null)[],
  };
}

export function readSchema(json: Json, where: string): Schema {
  const series = arrayAt(json['series'], `${where}.series`).map((item, i) => readSeries(item, `${where}.series[${i}]`));
  return {
    type: 'schema',
    version: numberAt(json['version'], `${where}.version`),
    topics: Array.isArray(json['topics']) ? json['topics'].filter((topic) => typeof topic === 'string') : [],
    series,
  };
}

export function readSeries(json: unknown, where: string): Series {
  const series = objectAt(json, where);
  const name = stringAt(series['name'], `${where}.name`);
  const labels: Record<string, string> = {};
  const given = series['labels'];
  if (given !== undefined && given !== null) {
    for (const [label, value] of Object.entries(objectAt(given, `${where}.labels`))) {
      labels[label] = stringAt(value, `${where}.labels.${label}`);
    }
  }

  return {
    name,
    labels,
    unit: typeof series['unit'] === 'string' ? series['unit'] : '1',
    kind: series['kind'] === 'counter' ? 'counter' : 'gauge',
    key: seriesKey(name, labels),
  };
}

function readHello(json: Json): Hello {
  if (json['protocol'] !== 1) {
    throw new WireError(`hello.protocol is ${String(json['protocol'])}; this page speaks 1`);
  }

  const interval = numberAt(json['interval'], 'hello.interval');
  if (interval <= 0) {
    throw new WireError(`hello.interval is ${interval}; it must be above 0`);
  }

  const schema = readSchema(objectAt(json['schema'], 'hello.schema'), 'hello.schema');
  return {
    type: 'hello',
    protocol: 1,
    version: stringAt(json['version'], 'hello.version'),
    now: numberAt(json['now'], 'hello.now'),
    interval,
    host: readHost(objectAt(json['host'], 'hello.host')),
    capabilities: arrayAt(json['capabilities'] ?? [], 'hello.capabilities').map(readCapability),
    schema,
    auth: isObject(json['auth']) ? readAuth(json['auth']) : null,
    recorder: json['recorder'] === undefined ? undefined : recorderOf(json['recorder']),
    backlog: readBacklog(objectAt(json['backlog'], 'hello.backlog'), schema.series.length),
  };
}

function readHost(json: Json): HostInfo {
  const text = (member: string) => (typeof json[member] === 'string' ? json[member] : null);
  const count = (member: string) => (typeof json[member] === 'number' ? json[member] : null);
  return {
    id: stringAt(json['id'], 'hello.host.id'),
    name: stringAt(json['name'], 'hello.host.name'),
    addresses: arrayAt(json['addresses'] ?? [], 'hello.host.addresses').map(readAddress),
    osName: text('osName'),
    osVersion: text('osVersion'),
    osPrettyName: text('osPrettyName'),
    kernel: text('kernel'),
    architecture: text('architecture'),
    cpuModel: text('cpuModel'),
    cpuSockets: count('cpuSockets'),
    cpuCores: count('cpuCores'),
    cpuThreads: count('cpuThreads'),
    memoryBytes: count('memoryBytes'),
    swapBytes: count('swapBytes'),
    bootUnixMs: count('bootUnixMs'),
    virtualization: text('virtualization'),
    container: text('container'),
    timeZone: text('timeZone'),
    hardware: text('hardware'),
  };
}

function readAddress(json: unknown, index: number): HostAddress {
  const where = `hello.host.addresses[${index}]`;
  const address = objectAt(json, where);
  return {
    interface: typeof address['interface'] === 'string' ? address['interface'] : null,
    address: stringAt(address['address'], `${where}.address`),
    prefixLength: typeof address['prefixLength'] === 'number' ? address['prefixLength'] : null,
  };
}

function readCapability(json: unknown, index: number): Capability {
  const where = `hello.capabilities[${index}]`;
  const capability = objectAt(json, where);
  return {
    name: stringAt(capability['name'], `${where}.name`),
    available: capability['available'] === true,
    reason: typeof capability['reason'] === 'string' ? capability['reason'] : null,
    remedy: typeof capability['remedy'] === 'string' ? capability['remedy'] : null,
  };
}

function readBacklog(json: Json, seriesCount: number): Backlog {
  const seq = arrayAt(json['seq'], 'hello.backlog.seq').map((n) => numberAt(n, 'hello.backlog.seq'));
  const t = arrayAt(json['t'], 'hello.backlog.t').map((n) => numberAt(n, 'hello.backlog.t'));
  const dt = arrayAt(json['dt'], 'hello.backlog.dt').map((n) => numberOrNullAt(n, 'hello.backlog.dt'));
  const given = arrayAt(json['columns'], 'hello.backlog.columns');
  const columns = given.map((column, i) => readColumn(column, i, seq.length));
  if (t.length !== seq.length || dt.length !== seq.length) {
    throw new WireError(`hello.backlog has ${seq.length} seq, ${t.length} t and ${dt.length} dt; they must be equal`);
  }

  if (columns.length !== seriesCount) {
    throw new WireError(`hello.backlog has ${columns.length} columns for ${seriesCount} series`);
  }

  return { seq, t, dt, columns };
}

function readColumn(json: unknown, index: number, frames: number): BacklogColumn {
  const where = `hello.backlog.columns[${index}]`;
  if (!Array.isArray(json)) {
    return numberOrNullAt(json, where);
  }

  if (json.length !== frames) {
    throw new WireError(`${where} has ${json.length} values for ${frames} frames`);
  }

  return json.map((value) => numberOrNullAt(value, where));
}
