// The table of cgroups: units and containers, what they use and what holds them back.
import type { Palette } from '../chart/palette';
import { element, TextCell, toggle } from '../dom';
import { percent } from '../format';
import type { Panel } from '../panels/panel';
import { capabilities, phase } from '../state';
import type { View } from '../view';
import { amountOf, cores, isQuiet, rate, share } from './cells';
import { type Cgroup, cgroupName, listed } from './cgroups';
import * as choices from './choices';
import { cgroupTerm } from './filter';
import { Grid } from './grid';
import type { GridColumn, GridRow } from './grid-row';
import { keepOrder } from './hold';
import { HoldWatch } from './hold-watch';
import type { Tables } from './tables';

const columns: readonly GridColumn[] = [
  { id: 'kind', head: 'Kind', kind: 'text' },
  { id: 'name', head: 'Cgroups & containers', kind: 'name' },
  { id: 'cpu', head: 'CPU cores', kind: 'bar', hint: '1.00 is one CPU, fully used' },
  { id: 'memory', head: 'Memory / limit', kind: 'bar' },
  { id: 'read', head: 'MiB/s rd', kind: 'number', hint: 'read from storage' },
  { id: 'write', head: 'wr', kind: 'number', hint: 'MiB/s written to storage' },
  { id: 'stall', head: 'I/O stall', kind: 'number', hint: 'share of time in which some task waited for storage' },
];

const kindWords: Readonly<Record<string, string>> = { container: 'ctr', group: 'group', root: 'root' };

interface CgroupLine {
  readonly key: string;
  readonly cgroup: Cgroup;
}

export class CgroupPanel implements Panel {
  readonly root: HTMLElement;
  readonly grid: Grid<CgroupLine>;

  readonly #tables: Tables;
  readonly #hold: HoldWatch;
  readonly #empty: TextCell;
  readonly #emptyNode = element('p', 'grid-empty');
  #rows: Cgroup[] = [];
  #shown: readonly CgroupLine[] = [];
  /** The table is as high as its lines as long as there is room, lines. */
  #height = -1;
  #membership = -1;
  #version = -1;
  #turn = -1;
  #isDirty = true;
  #largest = 1;

  constructor(tables: Tables, palette: Palette, invalidate: () => void) {
    this.#tables = tables;
    const change = (): void => {
      this.#isDirty = true;
      invalidate();
    };
    this.grid = new Grid<CgroupLine>(
      {
        id: 'cgroup-table',
        caption: 'Cgroups and containers',
        columns,
        colour: 'user',
        palette,
        write: (row, line) => this.#write(row, line),
        open: ({ cgroup }) => (choices.filterText.value = cgroupTerm(cgroup.path)),
      },
      change,
    );
    this.grid.mark(['cpu'], true);
    this.#empty = new TextCell(this.#emptyNode);
    this.#emptyNode.hidden = true;
    this.root = element('div', 'cgroup-place', this.grid.root, this.#emptyNode);
    this.#hold = new HoldWatch(this.grid.root, change);
  }

  read(_view: View): void {
    const { cgroups } = this.#tables;
    toggle(this.root, 'old', !this.#tables.isPast && !['live', 'late'].includes(phase.value.name));
    if (this.#tables.turn !== this.#turn) {
      this.#turn = this.#tables.turn;
      this.#shown = [];
    }

    if ((this.#isDirty || cgroups.version !== this.#version) && this.grid.isShown) {
      this.#isDirty = false;
      this.#version = cgroups.version;
      this.#update();
    }
  }

  draw(): void {
    // Nothing here depends on the window.
  }

  #update(): void {
    const { cgroups } = this.#tables;
    if (cgroups.membership !== this.#membership) {
      this.#membership = cgroups.membership;
      this.#rows = listed(cgroups.all());
    }

    const sorted = this.#rows.map((cgroup) => ({ key: `${cgroup.id} ${cgroup.path}`, cgroup })).sort(byCpu);
    const isHeld = this.#hold.isHeld && this.#shown.length > 0;
    this.#shown = isHeld ? keepOrder(this.#shown, sorted, this.grid.inSight).rows : sorted;
    this.#largest = this.#shown.reduce((most, { cgroup }) => Math.max(most, cgroup.values?.cpu ?? 0), 1);
    if (this.#shown.length !== this.#height) {
      this.#height = this.#shown.length;
      this.root.style.setProperty('--rows', String(this.#height));
    }

    this.grid.show(this.#shown);
    const source = capabilities.value.find((item) => item.name === 'cgroups' && !item.available);
    const waiting = this.#tables.isPast ? 'No cgroups were recorded at this moment.' : 'Waiting for the first scan.';
    const why = source === undefined ? waiting : (source.reason ?? 'No cgroups on this host.');
    this.#emptyNode.hidden = this.#shown.length > 0;
    this.#empty.write(this.#shown.length > 0 ? '' : why);
  }

  #write(row: GridRow, { cgroup }: CgroupLine): void {
    const { values, path, name, kind, hasEnded } = cgroup;
    const quiet = (text: string): string => (isQuiet(text) ? 'zero' : '');
    const cpu = cores(values?.cpu ?? null);
    const [limit, memory] = [values?.memoryLimit ?? null, values?.memory ?? null];
    const [read, write] = [rate(values?.read ?? null), rate(values?.write ?? null)];
    const stall = share(values?.ioStall ?? null);
    row.mean(hasEnded ? 'ended' : '');
    row.write('kind', kindWords[kind] ?? kind);
    row.write('cpu', cpu, quiet(cpu), (values?.cpu ?? 0) / this.#largest);
    row.write('memory', amountOf(memory, limit), '', limit === null ? 0 : (memory ?? 0) / limit);
    row.write('read', read, quiet(read));
    row.write('write', write, quiet(write));
    row.write('stall', stall, quiet(stall));
    const [throttled, kills] = [values?.throttled ?? 0, values?.oomKills ?? 0];
    const remarks = [
      ...(kills > 0 ? [`■ ${kills} OOM kill${kills === 1 ? '' : 's'}`] : []),
      ...(throttled >= 0.0005 ? [`▲ held back ${percent(100 * throttled)} %`] : []),
    ];
    const cpuLimit = values?.cpuLimit ?? null;
    row.name.write({
      main: cgroupName(name),
      remark: hasEnded ? 'ended' : remarks.join(' '),
      remarkClass: hasEnded ? 'remark-quiet' : kills > 0 ? 'remark-crit' : 'remark-attn',
      title: `${path}\n${[
        ...(values?.tasks === null || values === null ? [] : [`${values.tasks} tasks`]),
        ...(cpuLimit === null ? [] : [`limit ${cores(cpuLimit)} cores`]),
      ].join(' · ')}`.trim(),
    });
  }
}

function byCpu(a: CgroupLine, b: CgroupLine): number {
  const [x, y] = [a.cgroup.values, b.cgroup.values];
  const byUse = (y?.cpu ?? -1) - (x?.cpu ?? -1) || (y?.memory ?? -1) - (x?.memory ?? -1);
  return byUse || a.cgroup.path.localeCompare(b.cgroup.path);
}
