// Tables whose rows change with each sample: rows keep their place in the document, cells are written only when their
// text differs.
import type { Palette, Token } from '../chart/palette';
import { Spark } from '../chart/spark';
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
  readonly key: string;
  readonly cells: readonly TableCell[];
  /** What the trend shows; null draws none. */
  readonly trend?: Column | undefined;
}

/** How far back a trend looks, ms. */
const trendMs = 60_000;

export class LiveTable {
  readonly root: HTMLTableElement;
  readonly #body = element('tbody');
  readonly #rows: RowNode[] = [];
  readonly #columns: readonly TableColumn[];
  readonly #colour: Token;
  readonly #palette: Palette;

  constructor(caption: string, columns: readonly TableColumn[], colour: Token, palette: Palette) {
    this.#columns = columns;
    this.#colour = colour;
    this.#palette = palette;
    const group = element('colgroup');
    const head = element('tr');
    for (const column of columns) {
      const col = element('col', column.minor === true ? 'minor' : '');
      col.style.width = column.width ?? 'auto';
      group.append(col);
      const cell = element('th', classOf(column), column.head);
      cell.scope = 'col';
      if (column.hint !== undefined) {
        cell.title = column.hint;
      }

      head.append(cell);
    }

    this.root = element('table', 'live', element('caption', 'unseen', caption), group, element('thead', '', head));
    this.root.append(this.#body);
  }

  /** Shows these rows, in this order. */
  write(rows: readonly TableRow[], view: View): void {
    while (this.#rows.length < rows.length) {
      const node = new RowNode(this.#columns, this.#colour, this.#palette);
      this.#rows.push(node);
      this.#body.append(node.root);
    }

    this.#rows.forEach((node, i) => node.write(rows[i], view));
  }

  /** Draws the trends; apart from `write`, because a moving pointer does not change them. */
  draw(view: View): void {
    for (const row of this.#rows) {
      row.draw(view);
    }
  }
}

function classOf(column: TableColumn): string {
  return column.minor === true ? `${column.kind} minor` : column.kind;
}

class RowNode {
  readonly root = element('tr');
  readonly #cells: TextCell[] = [];
  readonly #nodes: HTMLTableCellElement[] = [];
  readonly #bars: (HTMLElement | null)[] = [];
  readonly #colour: Token;
  readonly #palette: Palette;
  #trendPlace: HTMLElement | null = null;
  #spark: Spark | null = null;
  #trend: Column | undefined;
  #breaks = new Uint8Array(0);

  constructor(columns: readonly TableColumn[], colour: Token, palette: Palette) {
    this.#colour = colour;
    this.#palette = palette;
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
        this.#trendPlace = element('div', 'spark');
        cell.append(this.#trendPlace);
      }

      this.root.append(cell);
      this.#nodes.push(cell);
      this.#bars.push(bar);
      this.#cells.push(new TextCell(bar === null ? cell : cell.appendChild(element('span'))));
    }
  }

  write(row: TableRow | undefined, view: View): void {
    this.root.hidden = row === undefined;
    this.#trend = row?.trend;
    row?.cells.forEach((cell, i) => {
      this.#cells[i]?.write(cell.text);
      const node = this.#nodes[i];
      if (node !== undefined) {
        toggle(node, 'zero', cell.text === missing || /^[0.]+$/.test(cell.text));
      }

      const bar = this.#bars[i];
      if (bar) {
        const width = `${(100 * Math.min(1, Math.max(0, cell.share || 0))).toFixed(1)}%`;
        if (bar.style.width !== width) {
          bar.style.width = width;
          bar.hidden = width === '0.0%';
        }
      }
    });
    if (row !== undefined && this.#spark === null && this.#trendPlace !== null && this.#trend !== undefined) {
      this.draw(view);
    }
  }

  draw(view: View): void {
    const [column, place] = [this.#trend, this.#trendPlace];
    if (column === undefined || place === null || place.clientWidth === 0) {
      return;
    }

    this.#spark ??= new Spark(place, this.#colour, this.#palette);
    const { history } = view;
    const from = Math.max(history.start, history.firstAtOrAfter(view.x1 - trendMs));
    if (this.#breaks.length < history.end - from) {
      this.#breaks = new Uint8Array(history.end - from + 64);
    }

    for (let i = from; i < history.end; i++) {
      this.#breaks[i - from] = history.isGap(i) ? 1 : 0;
    }

    const [x, values] = [history.x.subarray(from, history.end), column.values.subarray(from, history.end)];
    this.#spark.draw(x, values, this.#breaks, view.x1 - trendMs, view.x1);
  }
}
