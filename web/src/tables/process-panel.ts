// The process table: which lines, in which order, and what stands in their cells.
import { effect } from '@preact/signals';
import type { Palette } from '../chart/palette';
import type { Trend } from '../chart/spark-column';
import { element, TextCell, toggle } from '../dom';
import { clock } from '../format';
import type { Panel } from '../panels/panel';
import { replayTime } from '../past/now';
import { capabilities, newestTime, phase } from '../state';
import type { View } from '../view';
import { amount, cores, isQuiet, rate } from './cells';
import { cgroupName } from './cgroups';
import * as choices from './choices';
import { type Filter, parseFilter } from './filter';
import { Grid } from './grid';
import type { GridColumn, GridRow } from './grid-row';
import { keepOrder } from './hold';
import { HoldWatch } from './hold-watch';
import { type Line, linesOf, noCgroup } from './lines';
import { headNote } from './notes';
import type { ProcessColumn } from './order';
import type { Tables } from './tables';
import { ProcessTrends } from './trends';

const columns: readonly GridColumn[] = [
  { id: 'state', head: 'S', kind: 'text', hint: 'state: R running, S sleeping, D waiting for a disk, I idle, Z ended' },
  { id: 'pid', head: 'PID', kind: 'number', sorts: true },
  { id: 'name', head: 'Process', kind: 'name', sorts: true },
  { id: 'cgroup', head: 'Cgroup', kind: 'text', sorts: true },
  { id: 'cpu', head: 'CPU cores', kind: 'bar', sorts: true, hint: '1.00 is one CPU, fully used' },
  { id: 'trend', head: '60 s', kind: 'trend', hint: 'CPU over the last minute' },
  { id: 'memory', head: 'Memory', kind: 'number', sorts: true, hint: 'resident' },
  { id: 'read', head: 'MiB/s rd', kind: 'number', sorts: true, hint: 'read from storage' },
  { id: 'write', head: 'wr', kind: 'number', sorts: true, hint: 'MiB/s written to storage' },
];

const headOf: Readonly<Record<ProcessColumn, readonly string[]>> = {
  pid: ['pid'], name: ['name'], cgroup: ['cgroup'], cpu: ['cpu'], memory: ['memory'], read: ['read'],
  write: ['write'], io: ['read', 'write'],
};

export class ProcessPanel implements Panel {
  readonly root: HTMLElement;
  readonly grid: Grid<Line>;

  readonly #tables: Tables;
  readonly #hold: HoldWatch;
  readonly #empty = new EmptyState();
  readonly #palette: Palette;
  readonly #trends = new ProcessTrends();
  #filter: Filter = parseFilter('');
  #shown: readonly Line[] = [];
  #isDirty = true;
  #version = -1;
  #turn = -1;
  #paletteVersion = -1;
  #largest = 1;

  constructor(tables: Tables, palette: Palette, invalidate: () => void) {
    this.#tables = tables;
    this.#palette = palette;
    const change = (): void => {
      this.#isDirty = true;
      invalidate();
    };
    this.grid = new Grid<Line>(
      {
        id: 'process-table',
        caption: 'Processes',
        columns,
        colour: 'user',
        palette,
        write: (row, line) => this.#write(row, line),
        trends: (lines) => lines.map((line, i) => this.#trendOf(line, i)),
        sort: (by) => choices.sortBy(by as ProcessColumn),
        fold: (line, wanted) => line.below > 0 && choices.fold(line.key, wanted),
        open: (line) => line.below > 0 && choices.fold(line.key),
      },
      change,
    );
    this.root = element('div', 'process-place', this.grid.root, this.#empty.root);
    this.#hold = new HoldWatch(this.grid.root, change);
    effect(() => {
      this.#filter = parseFilter(choices.filterText.value);
      choices.filterProblem.value = this.#filter.problem;
      const { by, descending } = choices.sort.value;
      this.grid.mark(headOf[by], descending);
      this.root.className = `process-place ${choices.shape.value}`;
      this.grid.arrange();
      // What the reader asks for is shown at once; only what changes by itself is held.
      void choices.folded.value;
      this.#shown = [];
      change();
    });
  }

  read(_view: View): void {
    const { processes } = this.#tables;
    const isOld = !this.#tables.isPast && !['live', 'late'].includes(phase.value.name);
    toggle(this.root, 'old', isOld);
    if (processes.version !== this.#version) {
      this.#isDirty = true;
    }

    if (this.#tables.turn !== this.#turn) {
      this.#turn = this.#tables.turn;
      this.#shown = [];
    }

    if (this.#isDirty && this.grid.isShown) {
      this.#isDirty = false;
      this.#version = processes.version;
      this.#update();
      this.#drawTrends();
    } else if (this.#palette.version !== this.#paletteVersion && this.grid.isShown) {
      this.#drawTrends();
    }
  }

  draw(): void {
    // Trends change with the processes, not with the window: `read` draws them.
  }

  #update(): void {
    const { processes } = this.#tables;
    const all = [...processes.all()];
    const sorted = linesOf({
      processes: all,
      shape: choices.shape.value,
      sort: choices.sort.value,
      filter: this.#filter,
      folded: choices.folded.value,
    });
    const isHeld = this.#hold.isHeld && this.#shown.length > 0;
    const free = { rows: sorted, newAbove: 0 };
    const { rows, newAbove } = isHeld ? keepOrder(this.#shown, sorted, this.grid.inSight) : free;
    this.#shown = rows;
    this.#largest = rows.reduce((most, { values }) => Math.max(most, values.cpu ?? 0), 1);
    this.grid.show(rows);
    const stuck = all.reduce((count, process) => count + (process.state === 'D' ? 1 : 0), 0);
    const { summary } = processes;
    choices.processCount.value = summary === null ? '' : String(summary.total);
    choices.processNote.value = summary === null ? '' : headNote(summary, stuck, processes.intervalMs);
    choices.heldNote.value = isHeld ? (newAbove > 0 ? `order held · ${newAbove} new above` : 'order held') : null;
    this.#empty.write(rows.length > 0 ? null : this.#emptyWords(all.length));
  }

  /** Why there is no row: a headline, and what was looked at. */
  #emptyWords(searched: number): readonly [string, string] {
    if (searched > 0) {
      const time = replayTime.value ?? newestTime.value;
      const at = time === null ? '' : ` at ${clock(time)}`;
      return [`No process matches${at}`, `${searched} processes searched by name and arguments. Esc shows all.`];
    }

    if (this.#tables.isPast) {
      return ['No processes', 'No table of processes was recorded at this moment.'];
    }

    const source = capabilities.value.find((item) => item.name === 'processes' && !item.available);
    return source === undefined
      ? ['Waiting for the first scan', 'Processes are scanned while somebody looks at them.']
      : ['No processes', [source.reason, source.remedy].filter((words) => words !== null).join(' ')];
  }

  #write(row: GridRow, line: Line): void {
    const { process, values, depth, below } = line;
    const isFolded = below > 0 ? line.isFolded : null;
    const hasEnded = process?.hasEnded === true;
    const quiet = (text: string): string => (isQuiet(text) ? 'zero' : '');
    const texts = [cores(values.cpu), amount(values.memory), rate(values.read), rate(values.write)] as const;
    row.mean([
      process?.isKernel === true ? 'kernel' : '',
      hasEnded ? 'ended' : '',
      line.isContext ? 'context' : '',
      process === null ? 'group' : '',
    ].join(' '));
    const state = process?.state ?? '';
    row.write('state', state, state === 'R' || state === 'D' ? `state-${state}` : '');
    row.write('pid', process === null ? '' : String(process.pid));
    row.write('cgroup', process === null ? '' : this.#cgroupOf(line));
    row.write('cpu', texts[0], quiet(texts[0]), (values.cpu ?? 0) / this.#largest);
    row.write('memory', texts[1], quiet(texts[1]));
    row.write('read', texts[2], quiet(texts[2]));
    row.write('write', texts[3], quiet(texts[3]));
    row.name.write({
      main: process === null ? this.#cgroupOf(line) : process.name,
      rest: process?.args ?? '',
      remark: hasEnded ? 'ended' : line.isFolded || process === null ? `${process === null ? '' : '+'}${below}` : '',
      remarkClass: hasEnded ? 'remark-quiet' : 'remark-count',
      title: process === null ? (line.cgroup ?? '') : titleOf(process),
      depth,
      isFolded,
    });
  }

  #cgroupOf({ process, cgroup }: Line): string {
    if (process?.isKernel === true) {
      return 'kernel';
    }

    return cgroup === null || cgroup === noCgroup
      ? 'no cgroup'
      : cgroupName(this.#tables.cgroups.find(cgroup)?.name ?? cgroup);
  }

  #drawTrends(): void {
    this.#paletteVersion = this.#palette.version;
    this.grid.drawTrends();
  }

  #trendOf({ process, isFolded }: Line, row: number): Trend | null {
    const { processes } = this.#tables;
    if (process === null || isFolded || process.hasEnded) {
      return null;
    }

    return this.#trends.of(processes, process, row);
  }
}

function titleOf({ name, args, user, cgroup, threads, nice }: NonNullable<Line['process']>): string {
  const facts = [
    `user ${user ?? 'unknown'}`,
    ...(threads === null ? [] : [`${threads} thread${threads === 1 ? '' : 's'}`]),
    ...(nice === null || nice === 0 ? [] : [`nice ${nice}`]),
    ...(cgroup === null ? [] : [cgroup]),
  ];
  return `${name} ${args}`.trim() + `\n${facts.join(' · ')}`;
}

/** What stands in place of rows. */
class EmptyState {
  readonly root = element('div', 'grid-empty');
  readonly #title: TextCell;
  readonly #text: TextCell;

  constructor() {
    const [title, text] = [element('p', 'grid-empty-title'), element('p')];
    [this.#title, this.#text] = [new TextCell(title), new TextCell(text)];
    this.root.append(title, text);
    this.root.hidden = true;
    this.root.dataset['testid'] = 'process-empty';
  }

  write(words: readonly [string, string] | null): void {
    this.root.hidden = words === null;
    this.#title.write(words?.[0] ?? '');
    this.#text.write(words?.[1] ?? '');
  }
}
