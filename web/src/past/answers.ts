// The answers of docs/WIRE.md, "The past": what the recorder kept.
import { arrayAt, type Json, numberAt, numberOrNullAt, objectAt, stringAt, stringOrNullAt } from '../json';
import { type Cgroups, type Processes, readCgroups, readProcesses } from '../tables/messages';
import { type Frame, readFrame, readSchema, readSeries, type Schema, type Series } from '../wire';
import { type PastEvent, readEvent } from './recorder';

/** Where data is when there is none here. */
export interface NoData {
  readonly before: number | null;
  readonly after: number | null;
  readonly reason: string;
}

/** One whole second. */
export interface Moment {
  /** The time that was asked for. */
  readonly at: number;
  /** The tick, at or before it; null when there is none. */
  readonly t: number | null;
  /** Between the samples that were kept of that time, ms. */
  readonly resolution: number;
  readonly before: number | null;
  readonly after: number | null;
  /** Nothing was recorded at the time asked for; the tick is from before the hole. */
  readonly inGap: boolean;
  readonly schema: Schema | null;
  readonly frame: Frame | null;
  readonly processes: Processes | null;
  readonly cgroups: Cgroups | null;
  readonly noData: NoData | null;
}

/** A column of numbers: one for all, or one each; NaN is missing. */
export type Numbers = Float64Array;

export interface PastSeries {
  /** Null when it has no data in the range. */
  readonly series: Series | null;
  readonly avg: Numbers;
  /** Null where each bucket has at most one value. */
  readonly min: Numbers | null;
  readonly max: Numbers | null;
}

export interface PastRange {
  readonly from: number;
  readonly to: number;
  readonly bucket: number;
  readonly resolution: number;
  /** Samples recorded in each bucket. */
  readonly ticks: Numbers;
  readonly series: readonly PastSeries[];
}

export interface Overview {
  readonly from: number;
  readonly to: number;
  readonly bucket: number;
  readonly resolution: number;
  readonly cpus: number | null;
  readonly ticks: Numbers;
  readonly cpuAvg: Numbers;
  readonly cpuMax: Numbers;
  readonly cpuStallMax: Numbers;
  readonly memoryStallMax: Numbers;
  readonly ioStallMax: Numbers;
  readonly gaps: readonly (readonly [number, number])[];
  readonly events: readonly PastEvent[];
}

export function readMoment(json: unknown): Moment {
  const moment = objectAt(json, 'moment');
  const part = <T>(member: string, read: (part: Json) => T): T | null => {
    const given = moment[member] ?? null;
    return given === null ? null : read(objectAt(given, `moment.${member}`));
  };
  return {
    at: numberAt(moment['at'], 'moment.at'),
    t: numberOrNullAt(moment['t'], 'moment.t'),
    resolution: numberOrNullAt(moment['resolution'], 'moment.resolution') ?? 1000,
    before: numberOrNullAt(moment['before'], 'moment.before'),
    after: numberOrNullAt(moment['after'], 'moment.after'),
    inGap: moment['inGap'] === true,
    schema: part('schema', (schema) => readSchema(schema, 'moment.schema')),
    frame: part('frame', readFrame),
    processes: part('processes', readProcesses),
    cgroups: part('cgroups', readCgroups),
    noData: part('noData', readNoData),
  };
}

export function readRange(json: unknown): PastRange {
  const range = objectAt(json, 'history');
  const buckets = numberAt(range['buckets'], 'history.buckets');
  return {
    from: numberAt(range['from'], 'history.from'),
    to: numberAt(range['to'], 'history.to'),
    bucket: numberAt(range['bucket'], 'history.bucket'),
    resolution: numberAt(range['resolution'], 'history.resolution'),
    ticks: column(range['ticks'], buckets, 'history.ticks'),
    series: arrayAt(range['series'], 'history.series').map((item, i) => {
      const where = `history.series[${i}]`;
      const series = objectAt(item, where);
      const optional = (member: string) => {
        return series[member] === undefined ? null : column(series[member], buckets, `${where}.${member}`);
      };
      return {
        series: stringOrNullAt(series['name'], `${where}.name`) === null ? null : readSeries(item, where),
        avg: column(series['avg'] ?? null, buckets, `${where}.avg`),
        min: optional('min'),
        max: optional('max'),
      };
    }),
  };
}

export function readOverview(json: unknown): Overview {
  const overview = objectAt(json, 'overview');
  const [from, to] = [numberAt(overview['from'], 'overview.from'), numberAt(overview['to'], 'overview.to')];
  const bucket = numberAt(overview['bucket'], 'overview.bucket');
  const buckets = numberOrNullAt(overview['buckets'], 'overview.buckets') ?? Math.round((to - from) / bucket);
  const row = (member: string) => column(overview[member] ?? null, buckets, `overview.${member}`);
  return {
    from,
    to,
    bucket,
    resolution: numberAt(overview['resolution'], 'overview.resolution'),
    cpus: numberOrNullAt(overview['cpus'], 'overview.cpus'),
    ticks: row('ticks'),
    cpuAvg: row('cpuAvg'),
    cpuMax: row('cpuMax'),
    cpuStallMax: row('cpuStallMax'),
    memoryStallMax: row('memoryStallMax'),
    ioStallMax: row('ioStallMax'),
    gaps: arrayAt(overview['gaps'] ?? [], 'overview.gaps').map((gap) => {
      const [start, end] = arrayAt(gap, 'overview.gaps');
      return [numberAt(start, 'overview.gaps'), numberAt(end, 'overview.gaps')];
    }),
    events: arrayAt(overview['events'] ?? [], 'overview.events').map((item) => readEvent(item, 'overview.events')),
  };
}

function readNoData(json: Json): NoData {
  return {
    before: numberOrNullAt(json['before'], 'noData.before'),
    after: numberOrNullAt(json['after'], 'noData.after'),
    reason: stringAt(json['reason'], 'noData.reason'),
  };
}

function column(json: unknown, length: number, where: string): Numbers {
  if (!Array.isArray(json)) {
    return new Float64Array(length).fill(numberOrNullAt(json, where) ?? NaN);
  }

  const values = new Float64Array(length).fill(NaN);
  for (let i = 0; i < length; i++) {
    values[i] = numberOrNullAt(json[i], where) ?? NaN;
  }

  return values;
}
