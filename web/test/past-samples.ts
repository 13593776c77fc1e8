// What a recorder of a tick a second answers, small enough to read.
import type { Moment } from '../src/past/answers';
import { info, message, values } from './tables-samples';

/** The first tick. */
export const first = 1_800_000_000_400;

/** The tick at or before a time; `last` is the newest. Its one process takes a hundredth of a CPU for each second. */
export function momentAt(at: number, last: number): Moment {
  const t = Math.min(last, first + Math.floor((at - first) / 1000) * 1000);
  const seq = (t - first) / 1000 + 1;
  return {
    at, t, resolution: 1000, before: t === first ? null : t - 1000, after: t === last ? null : t + 1000, inGap: false,
    schema: null, frame: null, cgroups: null, noData: null,
    processes: message(seq, { full: true, total: 1, info: [info(1)], rows: [values(1, { cpu: seq / 100 })] }),
  };
}
