import { HeatChart } from '../chart/heat-chart';
import { element } from '../dom';
import { missing as missingText, percent } from '../format';
import type { Column, History } from '../history';
import { Missing, Rows } from '../view';
import { sumBounds } from './bounds';
import { cpuTime } from './cpu-modes';
import type { Track } from './track';

/** More rows than this are not told apart: cores are grouped and a row shows the busiest of its group. */
const mostRows = 76;

const busyModes = new Set(['user', 'nice', 'system', 'irq', 'softirq']);

/** Whether a series of CPU time is one of those that the cores' brightness is made of. */
export function isDrawnCore(labels: Readonly<Record<string, string>>): boolean {
  return labels['cpu.logical_number'] !== undefined && busyModes.has(labels['cpu.mode'] ?? '');
}

interface Core {
  readonly number: number;
  readonly columns: Column[];
}

/** The logical CPUs of a history, by number. */
function coresOf(history: History): Core[] {
  const cores = new Map<number, Column[]>();
  for (const column of history.columnsOf(cpuTime)) {
    const number = Number(column.series.labels['cpu.logical_number'] ?? NaN);
    if (!Number.isNaN(number) && busyModes.has(column.series.labels['cpu.mode'] ?? '')) {
      cores.set(number, [...(cores.get(number) ?? []), column]);
    }
  }

  return [...cores].sort(([a], [b]) => a - b).map(([number, columns]) => ({ number, columns }));
}

/** The largest share of a second in which a core worked, in what an index stands for. */
function busiest(core: Core, index: number): number {
  return sumBounds(core.columns, index)[1];
}

/** Share of a core that worked, 0 to 1; NaN when missing. */
function busy(core: Core, index: number): number {
  let sum = 0;
  for (const column of core.columns) {
    sum += column.values[index] ?? NaN;
  }

  return sum;
}

interface Summary {
  /** Number and share of the busiest core. */
  readonly hottest: number;
  readonly share: number;
  /** How many cores are above 90 %, of how many that are known. */
  readonly over: number;
  readonly known: number;
}

function summary(cores: readonly Core[], index: number): Summary {
  let [hottest, most, over, known] = [-1, -1, 0, 0];
  for (const core of cores) {
    const share = busy(core, index);
    known += Number.isNaN(share) ? 0 : 1;
    over += share > 0.9 ? 1 : 0;
    if (share > most) {
      [hottest, most] = [core.number, share];
    }
  }

  return { hottest, share: most, over, known };
}

/** Which core was how busy when. */
export const cores: Track = {
  id: 'cores',
  title: 'Cores',
  needs: [cpuTime],
  isPlotted: true,
  source: 'cpu',
  users: 'cpu',
  weight: 84,
  least: 78,
  absent: (history) => (coresOf(history).length === 0 ? 'The host sends no CPU time per core.' : null),
  mount(frame, palette) {
    const chart = new HeatChart(frame.plot, palette);
    const [hottest, loaded] = frame.legend([
      { id: 'hottest', label: 'hottest', colour: null },
      { id: 'over90', label: 'over 90 %', colour: null },
    ]);
    const key = element('div', 'ramp', '0', element('i'), '100 %');
    frame.gutter.append(key);
    const missing = new Missing();
    let list: Core[] = [];
    let groupSize = 1;
    let scratch = new Rows(0);
    let version = -1;

    const refresh = (history: History): void => {
      if (version === history.version) {
        return;
      }

      version = history.version;
      list = coresOf(history);
      groupSize = Math.max(1, Math.ceil(list.length / mostRows));
      scratch = new Rows(Math.ceil(list.length / groupSize));
      const last = list.at(-1)?.number ?? 0;
      frame.axis([{ at: 0, text: `${list[0]?.number ?? 0}` }, { at: 1, text: `${last}` }].slice(0, list.length));
      key.replaceChildren('0', element('i'), groupSize > 1 ? `100 % of ${groupSize}, the busiest` : '100 %');
    };

    return {
      draw(view) {
        refresh(view.history);
        const share = view.history.hasRanges ? busiest : busy;
        const rows = scratch.take(view.count);
        rows.forEach((row, r) => {
          const group = list.slice(r * groupSize, (r + 1) * groupSize);
          for (let i = 0; i < view.count; i++) {
            row[i] = group.length === 1 && group[0] !== undefined
              ? share(group[0], view.from + i)
              : Math.max(...group.map((core) => share(core, view.from + i)));
          }
        });

        const { x, x0, x1, verticals, history } = view;
        missing.find(view, rows[0] ?? null);
        chart.draw({ x, rows, x0, x1, stepMs: history.intervalMs, verticals, missing });
      },
      read(view) {
        refresh(view.history);
        const { hottest: core, share, over, known } = summary(list, view.at);
        frame.write(known === 0 ? missingText : percent(100 * Math.min(1, share)), '% max');
        hottest?.value.write(known === 0 ? missingText : `cpu${core}`);
        loaded?.value.write(known === 0 ? missingText : `${over} of ${known}`);
      },
      level(view, index) {
        refresh(view.history);
        return Math.max(...list.map((core) => busy(core, index)));
      },
      resize: (width, height) => chart.resize(width, height),
      unmount: () => chart.destroy(),
      numbers: () =>
        list.map((core) => ({
          name: `cpu${core.number}`,
          unit: '%',
          text: (index) => percent(100 * busy(core, index)),
        })),
      tip(view, share) {
        const core = list[groupSize * Math.floor(share * Math.ceil(list.length / groupSize))];
        const value = core === undefined ? NaN : busy(core, view.at);
        return core === undefined ? null : { label: `cpu${core.number}`, value: `${percent(100 * value)} %` };
      },
    };
  },
};
