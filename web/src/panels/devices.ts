// Disks and network interfaces one by one: which of them the tracks' sums consist of.
import type { Palette } from '../chart/palette';
import { element, TextCell } from '../dom';
import { bits, figures, mebibytes, percent, whole } from '../format';
import type { Column, History } from '../history';
import { type Disk, disksOf } from '../tracks/disk-columns';
import { type Interface, interfacesOf } from '../tracks/interfaces';
import { sumAt } from '../tracks/mirror';
import type { View } from '../view';
import type { Panel } from './panel';
import { LiveTable, type TableCell } from './table';

/** In a table a true zero is quiet, so that the eye finds what moves. */
const zero = '–';
const unknown = 'n/a';

function cell(value: number, text: (value: number) => string): TableCell {
  return { text: Number.isNaN(value) ? unknown : value === 0 ? zero : text(value) };
}

function at(column: Column | undefined, index: number): number {
  return column?.values[index] ?? NaN;
}

/** Every block device that the host counts. */
export class Disks implements Panel {
  readonly root: HTMLElement;
  readonly #table: LiveTable;
  readonly #count: TextCell;
  #disks: Disk[] = [];
  #version = -1;

  constructor(palette: Palette) {
    const count = element('span', 'panel-note');
    this.#count = new TextCell(count);
    this.#table = new LiveTable(
      'Disks',
      [
        { head: 'Disk', kind: 'name' },
        { head: 'busy', kind: 'bar', width: '15%', hint: 'share of time with a request in flight' },
        { head: '60 s', kind: 'trend', width: '13%', hint: 'busy over the last minute' },
        { head: 'MiB/s rd', kind: 'number', width: '13%' },
        { head: 'wr', kind: 'number', width: '9%', hint: 'MiB/s written' },
        { head: 'reads/s', kind: 'number', minor: true, width: '11%' },
        { head: 'writes/s', kind: 'number', minor: true, width: '11%' },
        { head: 'queue', kind: 'number', minor: true, width: '11%', hint: 'requests in flight at the sample' },
      ],
      'disk',
      palette,
    );
    const title = element('h2', 'panel-title', 'Disks');
    this.root = element('section', 'panel c-disk', element('div', 'panel-head', title, count), this.#table.root);
  }

  draw(view: View): void {
    this.#table.draw(view);
  }

  read(view: View): void {
    this.#refresh(view.history);
    const { at: index } = view;
    this.root.hidden = this.#disks.length === 0;
    this.#table.write(
      this.#disks.map((disk) => {
        const busy = at(disk.busy, index);
        return {
          trend: disk.busy,
          cells: [
            { text: disk.name },
            { ...cell(busy, (value) => `${percent(100 * Math.min(1, value))} %`), share: busy },
            { text: '' },
            cell(at(disk.read, index), mebibytes),
            cell(at(disk.write, index), mebibytes),
            cell(at(disk.reads, index), whole),
            cell(at(disk.writes, index), whole),
            cell(at(disk.pending, index), whole),
          ],
        };
      }),
    );
  }

  #refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#disks = disksOf(history);
      this.#count.write(this.#disks.length > 1 ? whole(this.#disks.length) : '');
    }
  }
}

/** Every network interface that the host counts, lo included. */
export class Interfaces implements Panel {
  readonly root: HTMLElement;
  readonly #table: LiveTable;
  readonly #count: TextCell;
  #interfaces: Interface[] = [];
  #version = -1;

  constructor(palette: Palette) {
    const count = element('span', 'panel-note');
    this.#count = new TextCell(count);
    this.#table = new LiveTable(
      'Network interfaces',
      [
        { head: 'Interface', kind: 'name' },
        { head: 'in', kind: 'bar', width: '19%', hint: 'share of what all interfaces receive now' },
        { head: '60 s', kind: 'trend', width: '13%', hint: 'received over the last minute' },
        { head: 'out', kind: 'number', width: '16%' },
        { head: 'packets/s', kind: 'number', minor: true, width: '13%' },
        { head: 'errors/s', kind: 'number', minor: true, width: '11%' },
        { head: 'drops/s', kind: 'number', minor: true, width: '12%' },
      ],
      'net',
      palette,
    );
    const title = element('h2', 'panel-title', 'Network interfaces');
    this.root = element('section', 'panel c-net', element('div', 'panel-head', title, count), this.#table.root);
  }

  draw(view: View): void {
    this.#table.draw(view);
  }

  read(view: View): void {
    this.#refresh(view.history);
    const { at: index } = view;
    const total = this.#interfaces.reduce((sum, item) => sum + (at(item.received, index) || 0), 0);
    const rate = (value: number): TableCell => cell(value, (bytes) => `${bits(bytes).value} ${bits(bytes).unit}`);
    this.root.hidden = this.#interfaces.length === 0;
    this.#table.write(
      this.#interfaces.map((item) => ({
        trend: item.received,
        cells: [
          { text: item.name },
          { ...rate(at(item.received, index)), share: at(item.received, index) / total },
          { text: '' },
          rate(at(item.sent, index)),
          cell(sumAt(item.packets, index), figures),
          cell(sumAt(item.errors, index), figures),
          cell(sumAt(item.drops, index), figures),
        ],
      })),
    );
  }

  #refresh(history: History): void {
    if (history.version !== this.#version) {
      this.#version = history.version;
      this.#interfaces = interfacesOf(history);
      this.#count.write(this.#interfaces.length > 1 ? whole(this.#interfaces.length) : '');
    }
  }
}
