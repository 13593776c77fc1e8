// Below the tracks of a phone: who uses the CPU now, without another tab.
import type { Palette } from '../chart/palette';
import { element, toggle } from '../dom';
import type { Panel } from '../panels/panel';
import { phase, tab } from '../state';
import { amount, cores, isQuiet } from './cells';
import { cgroupName } from './cgroups';
import { Grid } from './grid';
import type { GridColumn, GridRow } from './grid-row';
import { largestOf } from './largest';
import type { Process } from './processes';
import type { Tables } from './tables';
import { ProcessTrends } from './trends';

const columns: readonly GridColumn[] = [
  { id: 'name', head: 'Top processes', kind: 'name' },
  { id: 'trend', head: '60 s', kind: 'trend', hint: 'CPU over the last minute' },
  { id: 'cpu', head: 'CPU cores', kind: 'bar', hint: '1.00 is one CPU, fully used' },
  { id: 'memory', head: 'Memory', kind: 'number', hint: 'resident' },
];

export class TopPanel implements Panel {
  readonly root: HTMLElement;
  readonly #tables: Tables;
  readonly #palette: Palette;
  readonly #trends = new ProcessTrends();
  readonly #grid: Grid<Process>;
  #version = -1;
  #paletteVersion = -1;

  constructor(tables: Tables, palette: Palette, invalidate: () => void) {
    this.#tables = tables;
    this.#palette = palette;
    this.#grid = new Grid<Process>(
      {
        id: 'top-processes',
        caption: 'Top processes',
        columns,
        colour: 'user',
        palette,
        write: (row, process) => this.#write(row, process),
        trends: (shown) => shown.map((process, i) => this.#trends.of(this.#tables.processes, process, i)),
        open: () => (tab.value = 'processes'),
      },
      () => {
        this.#version = -1;
        invalidate();
      },
    );
    this.#grid.mark(['cpu'], true);
    this.root = element('div', 'top-processes', this.#grid.root);
  }

  read(): void {
    const { processes } = this.#tables;
    const isNew = processes.version !== this.#version || this.#palette.version !== this.#paletteVersion;
    if (isNew && this.#grid.isShown) {
      this.#version = processes.version;
      this.#paletteVersion = this.#palette.version;
      toggle(this.root, 'old', !this.#tables.isPast && !['live', 'late'].includes(phase.value.name));
      this.#grid.show(largestOf(processes.all(), ({ cpu }) => cpu ?? 0));
      this.#grid.drawTrends();
    }
  }

  draw(): void {
    // Nothing here depends on the window.
  }

  #write(row: GridRow, { name, cgroup, isKernel, cpu, memory }: Process): void {
    const [used, held] = [cores(cpu), amount(memory)];
    row.write('cpu', used, isQuiet(used) ? 'zero' : '', cpu ?? 0);
    row.write('memory', held, isQuiet(held) ? 'zero' : '');
    row.name.write({ main: name, rest: isKernel ? 'kernel' : cgroupName(cgroup ?? '') });
  }
}
