import { TimeChart } from '../chart/time-chart';
import { bytes, bytesIn, figures } from '../format';
import type { Column, History } from '../history';
import { Missing, Rows } from '../view';
import { Envelopes, sumBounds } from './bounds';
import type { Track } from './track';

const usage = 'system.memory.usage';
const limit = 'system.memory.limit';

/** Bottom to top: what only ends with its program lies lowest, what the kernel gives back at once lies highest. */
const states = [
  { state: 'used', label: 'apps', colour: 'memory' },
  { state: 'shared', label: 'shared', colour: 'shmem' },
  { state: 'kernel', label: 'kernel', colour: 'system' },
  { state: 'cached', label: 'cache', colour: 'cache' },
] as const;

/** What cannot be had without ending something or swapping: programs, shared memory, kernel. */
const inUse = 3;

/** Memory by use; the empty rest is free. */
export const memory: Track = {
  id: 'memory',
  title: 'Memory',
  needs: [usage, limit],
  isPlotted: true,
  source: 'memory',
  users: 'memory',
  weight: 84,
  least: 74,
  absent: (history) => (history.columnsOf(usage).length === 0 ? 'The host sends no memory usage.' : null),
  mount(frame, palette) {
    const chart = new TimeChart(
      frame.plot,
      states.map(({ colour }, i) => (i === 0 ? { colour, kind: 'area' } : { colour, kind: 'area', base: i - 1 })),
      palette,
    );
    const entries = states.map(({ state, label, colour }) => ({ id: state, label, colour, minor: state === 'kernel' }));
    const cells = frame.legend([...entries.slice(0, inUse), ...entries.slice(inUse), freeEntry], 2);
    const scratch = new Rows(states.length);
    const missing = new Missing();
    const columns = new MemoryColumns();
    const ranges = new Envelopes(['memory']);
    return {
      draw(view) {
        columns.refresh(view.history);
        const rows = scratch.take(view.count);
        for (let i = 0; i < view.count; i++) {
          let sum = 0;
          for (let s = 0; s < states.length; s++) {
            sum += columns.state(s, view.from + i);
            (rows[s] as Float64Array)[i] = sum;
          }
        }

        const total = columns.total(view.history.newest);
        const { value, unit } = bytes(total);
        const { x, breaks, x0, x1, verticals } = view;
        const y1 = total || 1;
        missing.find(view, rows[0] ?? null);
        const envelopes = ranges.of(view, (_, index) => sumBounds(columns.inUse, index));
        const [y0, horizontals] = [0, [y1 / 2]];
        chart.draw({ x, rows, breaks, x0, x1, y0, y1, verticals, horizontals, missing, references: [], envelopes });
        frame.axis([{ at: 0, text: `${value} ${unit}` }, { at: 0.5, text: bytesIn(total / 2, unit), minor: true }]);
      },
      read(view) {
        columns.refresh(view.history);
        const { value, unit } = bytes(columns.total(view.at < 0 ? view.history.newest : view.at));
        frame.write(bytesIn(columns.used(view.at), unit), `/ ${value} ${unit}`);
        states.forEach((_, s) => cells[s]?.value.write(bytesIn(columns.state(s, view.at), unit)));
        cells.at(-1)?.value.write(bytesIn(columns.free(view.at), unit));
      },
      level(view, index) {
        columns.refresh(view.history);
        return columns.used(index);
      },
      resize: (width, height) => chart.resize(width, height),
      unmount: () => chart.destroy(),
      numbers: () => [
        ...states.map(({ label }, s) => ({
          name: label as string,
          unit: 'MiB',
          text: (index: number) => figures(columns.state(s, index) / 1024 ** 2),
        })),
        { name: 'free', unit: 'MiB', text: (index) => figures(columns.free(index) / 1024 ** 2) },
      ],
    };
  },
};

const freeEntry = { id: 'free', label: 'free', colour: 'none' } as const;

class MemoryColumns {
  #states: (Column | undefined)[] = [];
  #free: Column | undefined;
  #total: Column | undefined;
  #version = -1;

  refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#states = states.map(({ state }) => history.column(usage, { 'system.memory.state': state }));
      this.#free = history.column(usage, { 'system.memory.state': 'free' });
      this.#total = history.column(limit);
    }
  }

  /** The columns of what cannot be had without ending something. */
  get inUse(): Column[] {
    return this.#states.slice(0, inUse).flatMap((column) => column ?? []);
  }

  state(state: number, index: number): number {
    return this.#states[state]?.values[index] ?? NaN;
  }

  free(index: number): number {
    return this.#free?.values[index] ?? NaN;
  }

  total(index: number): number {
    return this.#total?.values[index] ?? NaN;
  }

  used(index: number): number {
    let sum = 0;
    for (let s = 0; s < inUse; s++) {
      sum += this.state(s, index);
    }

    return sum;
  }
}
