// Tables whose rows change with each sample: rows keep their place in the document, cells are written only when their
// text differs, rows out of sight not at all.
import type { Palette, Token } from '../chart/palette';
import { SparkColumn, type Trend } from '../chart/spark-column';
import { element, TextCell, toggle } from '../dom';
import { missing } from '../format';
import type { Column } from '../history';
import type { View } from '../view';

export interface TableColumn {
  readonly head: string;
  /** What the head means, for a pointer that rests on it. */
  readonly hint?: string;
  readonly kind: 'name' | 'number' | 'bar' | 'trend';
  /** CSS width; none: the rest. */
  readonly width?: string;
  /** Left out on a phone. */
  readonly minor?: boolean;
}

/** A value of a row: text, and the share of the cell that its bar fills, 0 to 1. */
export interface TableCell {
  readonly text: string;
  readonly share?: number;
}

export interface TableRow {
  readonly cells: readonly TableCell[];
  /** What the trend shows. */
  readonly trend?: Column | undefined;
}

/** How far back a trend looks, ms. */
const trendMs = 60_000;

export class LiveTable {
  readonly root: HTMLElement;
  readonly #body = element('tbody');
  readonly #rows: RowNode[] = [];
  readonly #columns: readonly TableColumn[];
  readonly #layer = element('div', 'trends');
  readonly #sparks: SparkColumn;
  readonly #seen: IntersectionObserver;
  #trends: (Column | undefined)[] = [];
  #breaks = new Uint8Array(0);
  #sizesKnown = false;

  constructor(caption: string, columns: readonly TableColumn[], colour: Token, palette: Palette) {
    this.#columns = columns;
    const group = element('colgroup');
    const head = element('tr');
    for (const column of columns) {
      const col = element('col', column.minor === true ? 'minor' : '');
      col.style.setProperty('--width', column.width ?? 'auto');
      group.append(col);
      const cell = element('th', classOf(column), column.head);
      cell.scope = 'col';
      if (column.hint !== undefined) {
        cell.title = column.hint;
      }

      head.append(cell);
    }

    const table = element('table', 'live', element('caption', 'unseen', caption), group, element('thead', '', head));
    table.append(this.#body);
    this.#layer.setAttribute('aria-hidden', 'true');
    this.#sparks = new SparkColumn(this.#layer, colour, palette);
    this.root = element('div', 'live-table', table, this.#layer);
    this.#seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const row = this.#rows.find((node) => node.root === entry.target);
        if (row !== undefined) {
          row.visible = entry.isIntersecting;
        }
      }
    });
    new ResizeObserver(() => (this.#sizesKnown = false)).observe(this.root);
  }

  /** Shows these rows, in this order. */
  write(rows: readonly TableRow[]): void {
    while (this.#rows.length < rows.length) {
      const node = new RowNode(this.#columns);
      this.#rows.push(node);
      this.#body.append(node.root);
      this.#seen.observe(node.root);
      this.#sizesKnown = false;
    }

    this.#rows.forEach((node, i) => node.write(rows[i]));
    this.#trends = rows.map((row) => row.trend);
  }

  /** Draws the trends; apart from `write`, because a moving pointer does not change them. */
  draw(view: View): void {
    if (!this.#sizesKnown) {
      this.#sizesKnown = true;
      this.#measure();
    }

    const { history } = view;
    const from = Math.max(history.start, history.firstAtOrAfter(view.x1 - trendMs));
    if (this.#breaks.length < history.end - from) {
      this.#breaks = new Uint8Array(history.end - from + 64);
    }

    for (let i = from; i < history.end; i++) {
      this.#breaks[i - from] = history.isGap(i) ? 1 : 0;
    }

    const [x0, x1] = [view.x1 - trendMs, view.x1];
    const shared = { x: history.x.subarray(from, history.end), breaks: this.#breaks, x0, x1 };
    this.#sparks.draw(
      this.#trends.map((column, i): Trend | null => {
        const isShown = column !== undefined && this.#rows[i]?.visible === true;
        return isShown ? { ...shared, values: column.values.subarray(from, history.end) } : null;
      }),
    );
  }

  /** Lays the canvas over the column of trends. */
  #measure(): void {
    const cell = this.#rows[0]?.trendCell;
    if (cell === undefined) {
      return;
    }

    const [left, top, width, height] = [cell.offsetLeft, this.#body.offsetTop, cell.clientWidth, cell.offsetHeight];
    const all = height * this.#rows.length;
    this.#layer.style.transform = `translate(${left}px, ${top}px)`;
    this.#layer.style.width = `${width}px`;
    this.#layer.style.height = `${all}px`;
    this.#sparks.resize(width, all, height);
  }
}

function classOf(column: TableColumn): string {
  return column.minor === true ? `${column.kind} minor` : column.kind;
}

class RowNode {
  readonly root = element('tr');
  visible = true;
  trendCell: HTMLTableCellElement | undefined;
  readonly #cells: TextCell[] = [];
  readonly #nodes: HTMLTableCellElement[] = [];
  readonly #bars: (HTMLElement | null)[] = [];

  constructor(columns: readonly TableColumn[]) {
    for (const column of columns) {
      const cell = column.kind === 'name' ? element('th', classOf(column)) : element('td', classOf(column));
      if (column.kind === 'name') {
        cell.scope = 'row';
      }

      const bar = column.kind === 'bar' ? element('i') : null;
      if (bar !== null) {
        cell.append(bar);
      }

      if (column.kind === 'trend') {
        this.trendCell = cell;
      }

      this.root.append(cell);
      this.#nodes.push(cell);
      this.#bars.push(bar);
      this.#cells.push(new TextCell(bar === null ? cell : cell.appendChild(element('span'))));
    }
  }

  write(row: TableRow | undefined): void {
    this.root.hidden = row === undefined;
    if (!this.visible) {
      return;
    }

    row?.cells.forEach((cell, i) => {
      this.#cells[i]?.write(cell.text);
      const node = this.#nodes[i];
      if (node !== undefined) {
        toggle(node, 'zero', cell.text === missing || /^[0.]+$/.test(cell.text));
      }

      this.#fill(this.#bars[i] ?? null, cell.share ?? 0);
    });
  }

  #fill(bar: HTMLElement | null, share: number): void {
    const width = `${(100 * Math.min(1, Math.max(0, share || 0))).toFixed(1)}%`;
    if (bar !== null && bar.style.width !== width) {
      bar.style.width = width;
      bar.hidden = width === '0.0%';
    }
  }
}
