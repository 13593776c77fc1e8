// The trends of the processes in the rows of a table; the arrays are kept from tick to tick.
import type { Trend } from '../chart/spark-column';
import { type Process, type ProcessStore, trendMs } from './processes';

/** A trend that never reached this many CPUs does not fill its row. */
const leastTrend = 0.1;

interface Scratch {
  readonly x: Float64Array;
  readonly values: Float64Array;
  readonly breaks: Uint8Array;
}

export class ProcessTrends {
  readonly #rows: Scratch[] = [];

  /** CPU of a process over the last minute, for a row. */
  of(processes: ProcessStore, process: Process, row: number): Trend {
    const length = processes.capacity;
    let scratch = this.#rows[row];
    if (scratch === undefined || scratch.x.length !== length) {
      const [x, values, breaks] = [new Float64Array(length), new Float64Array(length), new Uint8Array(length)];
      this.#rows[row] = scratch = { x, values, breaks };
    }

    const { x, values, breaks } = scratch;
    const count = processes.copyTrend(process, x, values, breaks);
    const x1 = x[count - 1] ?? 0;
    return {
      x: x.subarray(0, count),
      values: values.subarray(0, count),
      breaks: breaks.subarray(0, count),
      least: leastTrend,
      x0: x1 - trendMs,
      x1,
    };
  }
}
