import { TimeChart } from '../chart/time-chart';
import { percent } from '../format';
import type { Column, History } from '../history';
import { Missing, Rows } from '../view';
import { type Bounds, Envelopes, sumBounds } from './bounds';
import type { Track } from './track';

const stallTime = 'system.pressure.stall_time';

/** Back to front; the legend lists them by what is most often the answer. */
const resources = [
  { resource: 'cpu', label: 'CPU', colour: 'user' },
  { resource: 'memory', label: 'memory', colour: 'memory' },
  { resource: 'io', label: 'I/O', colour: 'disk' },
] as const;

/** Places of CPU, memory and I/O in the list above. */
export const stallOrder = [0, 1, 2] as const;

/** Upper ends of the scale, per cent. */
const bounds = [5, 10, 25, 50, 100];

/** How much of the time some task waited for a resource (pressure stall information). */
export const stall: Track = {
  id: 'stall',
  title: 'Stall (PSI)',
  needs: [stallTime],
  isPlotted: true,
  source: 'pressure',
  weight: 62,
  absent: (history) => (history.columnsOf(stallTime).length === 0 ? '' : null),
  mount(frame, palette) {
    const chart = new TimeChart(
      frame.plot,
      resources.map(({ colour }) => ({ colour, kind: 'area', weight: 0.5 })),
      palette,
    );
    const [io, memory, cpu] = frame.legend(
      [...resources].reverse().map(({ resource, label, colour }) => ({ id: resource, label, colour })),
      2,
    );
    const scratch = new Rows(resources.length);
    const missing = new Missing();
    const columns = new StallColumns();
    const ranges = new Envelopes(resources.map(({ colour }) => colour));
    return {
      draw(view) {
        columns.refresh(view.history);
        const rows = scratch.take(view.count);
        let largest = 0;
        for (let r = 0; r < resources.length; r++) {
          for (let i = 0; i < view.count; i++) {
            const share = columns.share(r, view.from + i);
            (rows[r] as Float64Array)[i] = share;
            largest = share > largest ? share : largest;
          }
        }

        const envelopes = ranges.of(view, (resource, index) => columns.bounds(resource, index));
        const y1 = bounds.find((bound) => bound >= Math.max(largest, ranges.largest)) ?? 100;
        const { x, breaks, x0, x1, verticals } = view;
        missing.find(view, rows[0] ?? null);
        const [y0, horizontals] = [0, [y1 / 2]];
        chart.draw({ x, rows, breaks, x0, x1, y0, y1, verticals, horizontals, missing, references: [], envelopes });
        frame.axis([{ at: 0, text: `${y1} %` }, { at: 0.5, text: `${y1 / 2} %`, minor: true }]);
      },
      read(view) {
        columns.refresh(view.history);
        const shares = resources.map((_, r) => columns.share(r, view.at));
        frame.write(percent(Math.max(...shares)), '% worst');
        cpu?.value.write(percent(shares[0] ?? NaN));
        memory?.value.write(percent(shares[1] ?? NaN));
        io?.value.write(percent(shares[2] ?? NaN));
      },
      level(view, index) {
        columns.refresh(view.history);
        return Math.max(...resources.map((_, r) => columns.share(r, index)));
      },
      resize: (width, height) => chart.resize(width, height),
      unmount: () => chart.destroy(),
      numbers: () =>
        resources.map(({ label }, r) => ({
          name: label as string,
          unit: '%',
          text: (index: number) => percent(columns.share(r, index)),
        })),
    };
  },
};

export class StallColumns {
  #columns: (Column | undefined)[] = [];
  #version = -1;

  refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#columns = resources.map(({ resource }) =>
        history.column(stallTime, { 'system.pressure.resource': resource, 'system.pressure.stall': 'some' }),
      );
    }
  }

  /** The smallest and largest share of a second in what an index stands for, per cent. */
  bounds(resource: number, index: number): Bounds {
    const column = this.#columns[resource];
    const [low, high] = column === undefined ? [NaN, NaN] : sumBounds([column], index);
    return [Math.min(100, 100 * low), Math.min(100, 100 * high)];
  }

  /** Share of the time in which some task waited, per cent. */
  share(resource: number, index: number): number {
    return Math.min(100, 100 * (this.#columns[resource]?.values[index] ?? NaN));
  }
}
