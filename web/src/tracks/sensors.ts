import { TimeChart } from '../chart/time-chart';
import { missing as missingText, whole } from '../format';
import type { Column, History } from '../history';
import { Missing, Rows } from '../view';
import type { Track } from './track';

export const temperature = 'hw.temperature';
const temperatureLimit = 'hw.temperature.limit';

/** How many sensors are drawn; the headline is of all. */
const mostLines = 3;

const colours = ['user', 'disk', 'text3'] as const;

/** Chips that measure the processor. */
const processorChips = /^(coretemp|k10temp|zenpower|cpu_thermal|x86_pkg_temp|soc_thermal)/;

/** The scale begins at the temperature of a room, °C, and reaches a little above the limit. */
const room = 20;
const above = 5;

/** Scale of sensors that tell no limit, °C. */
const usualLimit = 100;

export interface Sensor {
  /** In few letters: `pkg`, `nvme0`. */
  readonly label: string;
  readonly name: string;
  readonly column: Column;
  /** Where something is done about it, °C; NaN when the sensor does not tell. */
  limit(index: number): number;
}

/** The sensors of the host: the processor's first, each chip's first sensor before its others. */
export function sensorsOf(history: History): Sensor[] {
  const chips = new Map<string, Column[]>();
  for (const column of history.columnsOf(temperature)) {
    const chip = device(column);
    chips.set(chip, [...(chips.get(chip) ?? []), column]);
  }

  const ranked = [...chips.values()].flatMap((columns) => columns.map((column, rank) => ({ column, rank })));
  const order = (item: { readonly column: Column; readonly rank: number }): number => {
    return item.rank * 2 + (isProcessor(item.column) ? 0 : 1);
  };
  return ranked
    .sort((a, b) => order(a) - order(b))
    .map(({ column }) => {
      return { label: shortName(column), name: fullName(column), column, limit: limitOf(history, column) };
    });
}

function isProcessor(column: Column): boolean {
  return processorChips.test(column.series.labels['hw.parent'] ?? '');
}

/** `nvme0` of the id `nvme/nvme0/temp1`. */
function device(column: Column): string {
  const parts = (column.series.labels['hw.id'] ?? '').split('/');
  return parts.at(-2) ?? parts[0] ?? '';
}

function shortName(column: Column): string {
  const { 'hw.name': name = '', 'hw.parent': chip = '' } = column.series.labels;
  if (isProcessor(column)) {
    return /^(package|tctl|tdie|coretemp temp1$)/i.test(name) ? 'cpu' : name.toLowerCase();
  }

  return chip === 'nvme' || chip === 'drivetemp' ? device(column) : chip || name;
}

function fullName(column: Column): string {
  const { 'hw.name': name = '', 'hw.parent': chip = '' } = column.series.labels;
  return name.startsWith(chip) ? name : `${chip} ${name}`.trim();
}

function limitOf(history: History, { series }: Column): (index: number) => number {
  const types = ['high.critical', 'high.degraded'];
  const columns = types.map((type) => history.column(temperatureLimit, { ...series.labels, 'hw.limit_type': type }));
  const [critical, degraded] = columns;
  return (index) => {
    const value = critical?.values[index] ?? NaN;
    return Number.isNaN(value) ? (degraded?.values[index] ?? NaN) : value;
  };
}

function degrees(value: number): string {
  return Number.isNaN(value) ? missingText : whole(value);
}

/** Temperatures, with the limit that is nearest to being reached. */
export const sensors: Track = {
  id: 'sensors',
  title: 'Sensors',
  needs: [temperature, temperatureLimit],
  // No source: a machine without sensors has no such track, and the reason stands among the sources of the host.
  isPlotted: true,
  source: '',
  weight: 46,
  least: 40,
  absent: (history) => (history.columnsOf(temperature).length === 0 ? '' : null),
  mount(frame, palette) {
    const chart = new TimeChart(frame.plot, colours.map((colour) => ({ colour, kind: 'line' })), palette);
    const cells = frame.legend(colours.map((colour, i) => ({ id: String(i), label: '', colour, line: true })), 2);
    const scratch = new Rows(mostLines);
    const missing = new Missing();
    let all: Sensor[] = [];
    let version = -1;
    const refresh = (history: History): void => {
      if (history.version !== version) {
        version = history.version;
        all = sensorsOf(history);
      }
    };
    const hottest = (index: number): number => {
      const known = all.map(({ column }) => column.values[index] ?? NaN).filter((value) => !Number.isNaN(value));
      return known.length === 0 ? NaN : Math.max(...known);
    };
    return {
      draw(view) {
        refresh(view.history);
        const rows = scratch.take(view.count);
        let most = 0;
        rows.forEach((row, i) => {
          for (let at = 0; at < view.count; at++) {
            row[at] = all[i]?.column.values[view.from + at] ?? NaN;
            most = Math.max(most, row[at] || 0);
          }
        });
        const limits = all.slice(0, mostLines).map((sensor) => sensor.limit(view.history.newest));
        const limit = Math.min(...limits.filter((value) => !Number.isNaN(value)));
        const y1 = Math.max(most, Number.isFinite(limit) ? limit : usualLimit) + above;
        const references = Number.isFinite(limit) ? [{ value: limit, colour: 'text3' as const }] : [];
        const { x, breaks, x0, x1, verticals } = view;
        missing.find(view, rows[0] ?? null);
        chart.draw({ x, rows, breaks, x0, x1, y0: room, y1, verticals, horizontals: [], missing, references });
        const top = Number.isFinite(limit) ? [{ at: (y1 - limit) / (y1 - room), text: `${whole(limit)} limit` }] : [];
        frame.axis([...top, { at: 1, text: `${room} °C`, minor: true }]);
      },
      read(view) {
        refresh(view.history);
        frame.write(degrees(hottest(view.at)), '°C max');
        cells.forEach((cell, i) => {
          const sensor = all[i];
          cell.root.hidden = sensor === undefined;
          cell.label.write(sensor?.label ?? '');
          cell.value.write(sensor === undefined ? '' : degrees(sensor.column.values[view.at] ?? NaN));
        });
      },
      level(view, index) {
        refresh(view.history);
        return hottest(index);
      },
      resize: (width, height) => chart.resize(width, height),
      unmount: () => chart.destroy(),
      numbers: () =>
        all.map(({ name, column }) => ({
          name,
          unit: '°C',
          text: (index: number) => degrees(column.values[index] ?? NaN),
        })),
    };
  },
};
