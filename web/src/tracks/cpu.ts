import { TimeChart } from '../chart/time-chart';
import { percent } from '../format';
import { Missing, Rows } from '../view';
import { type Bounds, Envelopes } from './bounds';
import { cpuCount, type CpuMode, CpuModes, cpuModes, cpuTime } from './cpu-modes';
import type { Track } from './track';

/** The modes that are named where there is little room. */
const major: ReadonlySet<CpuMode> = new Set(['user', 'system', 'iowait']);

/** Where CPU time goes, by mode, in per cent of all CPUs. */
export const cpu: Track = {
  id: 'cpu',
  title: 'CPU',
  needs: [cpuTime, cpuCount],
  isPlotted: true,
  source: 'cpu',
  users: 'cpu',
  weight: 122,
  least: 80,
  absent: (history) => (history.columnsOf(cpuTime).length === 0 ? 'The host sends no CPU time.' : null),
  mount(frame, palette) {
    const modes = new CpuModes();
    const chart = new TimeChart(
      frame.plot,
      cpuModes.map((colour, i) => (i === 0 ? { colour, kind: 'area' } : { colour, kind: 'area', base: i - 1 })),
      palette,
    );
    const entries = cpuModes.map((mode) => ({ id: mode, label: mode, colour: mode, minor: !major.has(mode) }));
    const cells = frame.legend(entries, 2);
    const scratch = new Rows(cpuModes.length);
    const missing = new Missing();
    const ranges = new Envelopes(['user']);
    frame.axis([{ at: 0, text: '100 %' }, { at: 0.5, text: '50 %', minor: true }]);
    return {
      draw(view) {
        modes.refresh(view.history);
        const rows = scratch.take(view.count);
        for (let i = 0; i < view.count; i++) {
          let sum = 0;
          for (let m = 0; m < cpuModes.length; m++) {
            const share = modes.share(cpuModes[m] ?? 'user', view.from + i);
            sum += m > 0 && Number.isNaN(share) ? 0 : share;
            (rows[m] as Float64Array)[i] = 100 * sum;
          }
        }

        const { x, breaks, x0, x1, verticals } = view;
        missing.find(view, rows[0] ?? null);
        const envelopes = ranges.of(view, (_, index) => percents(modes.busyBounds(index)));
        const [y0, y1, horizontals] = [0, 100, [50]];
        chart.draw({ x, rows, breaks, x0, x1, y0, y1, verticals, horizontals, missing, references: [], envelopes });
      },
      read(view) {
        modes.refresh(view.history);
        frame.write(percent(100 * modes.busy(view.at)), '% busy');
        cpuModes.forEach((mode, m) => cells[m]?.value.write(percent(100 * modes.share(mode, view.at))));
      },
      level(view, index) {
        modes.refresh(view.history);
        return modes.busy(index);
      },
      resize: (width, height) => chart.resize(width, height),
      unmount: () => chart.destroy(),
      numbers: () => [
        { name: 'busy', unit: '%', text: (index) => percent(100 * modes.busy(index)) },
        ...cpuModes.map((mode) => ({
          name: mode as string,
          unit: '%',
          text: (index: number) => percent(100 * modes.share(mode, index)),
        })),
      ],
    };
  },
};

function percents([low, high]: Bounds): Bounds {
  return [100 * low, 100 * high];
}
