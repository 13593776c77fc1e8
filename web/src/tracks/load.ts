import { niceBound } from '../chart/scale';
import { TimeChart } from '../chart/time-chart';
import { figures, missing as missingText, whole } from '../format';
import type { Column, History } from '../history';
import { Missing, Rows } from '../view';
import { type Bounds, Envelopes, sumBounds } from './bounds';
import { cpuCount } from './cpu-modes';
import type { Track } from './track';

const averages = ['1m', '5m', '15m'].map((span) => `system.cpu.load_average.${span}`);
const processCount = 'system.process.count';

/** The scale reaches this far above the number of CPUs, so that "as many tasks as CPUs" has a fixed place. */
const aboveCpus = 1.5;

/** Load averages against the number of CPUs. */
export const load: Track = {
  id: 'load',
  title: 'Load',
  needs: [...averages, cpuCount, processCount],
  isPlotted: true,
  source: 'load',
  users: 'cpu',
  weight: 58,
  absent: (history) => (history.column(averages[0] ?? '') === undefined ? 'The host sends no load average.' : null),
  mount(frame, palette) {
    const chart = new TimeChart(
      frame.plot,
      [{ colour: 'text3', kind: 'line' }, { colour: 'user', kind: 'area', weight: 0.4 }],
      palette,
    );
    const [one, fifteen, five, running] = frame.legend(
      [
        { id: '1m', label: '1 min', colour: 'user', line: true },
        { id: '15m', label: '15 min', colour: null },
        { id: '5m', label: '5 min', colour: 'text3', line: true },
        { id: 'running', label: 'running', colour: null },
      ],
      2,
    );
    const scratch = new Rows(2);
    const missing = new Missing();
    const columns = new LoadColumns();
    const ranges = new Envelopes(['user']);
    return {
      draw(view) {
        columns.refresh(view.history);
        const rows = scratch.take(view.count);
        let largest = 0;
        for (let i = 0; i < view.count; i++) {
          const [minute, fiveMinutes] = [columns.value(0, view.from + i), columns.value(1, view.from + i)];
          (rows[0] as Float64Array)[i] = fiveMinutes;
          (rows[1] as Float64Array)[i] = minute;
          largest = Math.max(largest, minute || 0, fiveMinutes || 0);
        }

        const cpus = columns.cpus(view.history.newest);
        const envelopes = ranges.of(view, (_, index) => columns.bounds(index));
        largest = Math.max(largest, ranges.largest);
        const y1 = Math.max(aboveCpus * (cpus || 1), niceBound(1.06 * largest, 'decimal'));
        const { x, breaks, x0, x1, verticals } = view;
        const references = Number.isNaN(cpus) ? [] : [{ value: cpus, colour: 'text3' as const }];
        missing.find(view, rows[1] ?? null);
        const [y0, horizontals] = [0, [] as number[]];
        chart.draw({ x, rows, breaks, x0, x1, y0, y1, verticals, horizontals, missing, references, envelopes });
        frame.axis(Number.isNaN(cpus) ? [] : [{ at: 1 - cpus / y1, text: `${whole(cpus)} cpu` }]);
      },
      read(view) {
        columns.refresh(view.history);
        frame.write(figures(columns.value(0, view.at)), '1 min');
        one?.value.write(figures(columns.value(0, view.at)));
        five?.value.write(figures(columns.value(1, view.at)));
        fifteen?.value.write(figures(columns.value(2, view.at)));
        const tasks = columns.running(view.at);
        running?.value.write(Number.isNaN(tasks) ? missingText : whole(tasks));
      },
      level(view, index) {
        columns.refresh(view.history);
        return columns.value(0, index);
      },
      resize: (width, height) => chart.resize(width, height),
      unmount: () => chart.destroy(),
      numbers: () => [
        ...['1 min', '5 min', '15 min'].map((name, i) => ({
          name,
          unit: 'tasks',
          text: (index: number) => figures(columns.value(i, index)),
        })),
        { name: 'running', unit: 'tasks', text: (index) => whole(columns.running(index)) },
        { name: 'blocked', unit: 'tasks', text: (index) => whole(columns.blocked(index)) },
      ],
    };
  },
};

class LoadColumns {
  #averages: (Column | undefined)[] = [];
  #cpus: Column | undefined;
  #running: Column | undefined;
  #blocked: Column | undefined;
  #version = -1;

  refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#averages = averages.map((name) => history.column(name));
      this.#cpus = history.column(cpuCount);
      this.#running = history.column(processCount, { 'process.state': 'running' });
      this.#blocked = history.column(processCount, { 'process.state': 'blocked' });
    }
  }

  value(average: number, index: number): number {
    return this.#averages[average]?.values[index] ?? NaN;
  }

  /** The lowest and highest load of the last minute in what an index stands for. */
  bounds(index: number): Bounds {
    const [minute] = this.#averages;
    return minute === undefined ? [NaN, NaN] : sumBounds([minute], index);
  }

  cpus(index: number): number {
    return this.#cpus?.values[index] ?? NaN;
  }

  running(index: number): number {
    return this.#running?.values[index] ?? NaN;
  }

  blocked(index: number): number {
    return this.#blocked?.values[index] ?? NaN;
  }
}
