// CPU time by mode as shares of all CPUs. The kernel's user contains guest and its nice contains guest_nice, so those
// two are not added again. Busy is what CPUs worked; waiting for I/O and stolen time are shown but are not busy.
import type { Column, History } from '../history';
import { type Bounds, sumBounds } from './bounds';

/** Bottom to top: what an operator can change most easily lies lowest. */
export const cpuModes = ['user', 'nice', 'system', 'irq', 'iowait', 'steal'] as const;

export type CpuMode = (typeof cpuModes)[number];

/** The kernel modes that each drawn mode consists of. */
const kernelModes: Readonly<Record<CpuMode, readonly string[]>> = {
  user: ['user'],
  nice: ['nice'],
  system: ['system'],
  irq: ['irq', 'softirq'],
  iowait: ['iowait'],
  steal: ['steal'],
};

/** All kernel modes that are drawn. */
export const drawnKernelModes: ReadonlySet<string> = new Set(Object.values(kernelModes).flat());

const busyModes: readonly CpuMode[] = ['user', 'nice', 'system', 'irq'];

export const cpuTime = 'system.cpu.time';
export const cpuCount = 'system.cpu.logical.count';

export class CpuModes {
  readonly #columns = new Map<CpuMode, Column[]>();
  #count: Column | undefined;
  #busy: Column[] = [];
  #version = -1;

  /** Finds the columns anew after the series have changed. */
  refresh(history: History): void {
    if (history.version === this.#version) {
      return;
    }

    this.#version = history.version;
    this.#count = history.column(cpuCount);
    const totals = new Map<string | undefined, Column>();
    for (const column of history.columnsOf(cpuTime)) {
      if (column.series.labels['cpu.logical_number'] === undefined) {
        totals.set(column.series.labels['cpu.mode'], column);
      }
    }

    for (const mode of cpuModes) {
      this.#columns.set(mode, kernelModes[mode].flatMap((kernelMode) => totals.get(kernelMode) ?? []));
    }

    this.#busy = busyModes.flatMap((mode) => this.#columns.get(mode) ?? []);
  }

  /** CPUs online at an index; NaN when not known. */
  cpus(index: number): number {
    return this.#count?.values[index] ?? NaN;
  }

  /** Share of all CPUs in a mode, 0 to 1; NaN when missing. */
  share(mode: CpuMode, index: number): number {
    const columns = this.#columns.get(mode) ?? [];
    let sum = columns.length === 0 ? NaN : 0;
    for (const column of columns) {
      sum += column.values[index] ?? NaN;
    }

    return sum / this.cpus(index);
  }

  /** Shares of all CPUs that worked at least and at most in the time that an index stands for. */
  busyBounds(index: number): Bounds {
    const [low, high] = sumBounds(this.#busy, index);
    return [low / this.cpus(index), high / this.cpus(index)];
  }

  /** Share of all CPUs that worked, 0 to 1; NaN when missing. A mode that this kernel lacks counts as nothing. */
  busy(index: number): number {
    let sum = this.share('user', index);
    for (const mode of busyModes) {
      if (mode !== 'user') {
        const share = this.share(mode, index);
        sum += Number.isNaN(share) ? 0 : share;
      }
    }

    return sum;
  }
}
