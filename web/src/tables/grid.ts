// A table of many rows that change each second. It is a real table, but only the rows in sight are in the document:
// they stay where they are, and scrolling by whole rows changes what they show. Cells are written only when they
// differ.
import type { Palette, Token } from '../chart/palette';
import { SparkColumn, type Trend } from '../chart/spark-column';
import { attribute, element, toggle } from '../dom';
import type { GridColumn } from './grid-row';
import { GridRow } from './grid-row';

export interface GridOptions<T> {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly GridColumn[];
  readonly colour: Token;
  readonly palette: Palette;
  /** Writes a line into a row. */
  write(row: GridRow, line: T): void;
  /** The trends of the lines in sight. */
  trends?(lines: readonly T[]): readonly (Trend | null)[];
  /** A column's head was pressed. */
  sort?(by: string): void;
  /** Enter, or a second click, on a line. */
  open?(line: T): void;
  fold?(line: T, wanted?: boolean): void;
}

/** More rows than this fit no screen. */
const mostRows = 400;

export class Grid<T extends { readonly key: string }> {
  /** Scrolls; has the keyboard focus. */
  readonly root: HTMLElement;
  selected: string | null = null;

  readonly #options: GridOptions<T>;
  readonly #sizer: HTMLElement;
  readonly #table: HTMLTableElement;
  readonly #head = element('tr');
  readonly #body = element('tbody');
  readonly #layer = element('div', 'trends');
  readonly #sparks: SparkColumn;
  readonly #rows: GridRow[] = [];
  #lines: readonly T[] = [];
  #first = 0;
  #rowHeight = 21;
  #headHeight = 22;
  #height = 0;
  #sizesKnown = false;

  constructor(options: GridOptions<T>, invalidate: () => void) {
    this.#options = options;
    const group = element('colgroup');
    for (const column of options.columns) {
      const col = element('col', `col-${column.id}`);
      group.append(col);
      this.#head.append(this.#headCell(column));
    }

    const caption = element('caption', 'unseen', options.caption);
    this.#table = element('table', 'grid', caption, group, element('thead', '', this.#head), this.#body);
    this.#layer.setAttribute('aria-hidden', 'true');
    this.#sparks = new SparkColumn(this.#layer, options.colour, options.palette);
    this.#sizer = element('div', 'grid-sizer', element('div', 'grid-place', this.#table, this.#layer));
    this.root = element('div', 'grid-scroll', this.#sizer);
    this.root.tabIndex = 0;
    this.root.setAttribute('role', 'region');
    this.root.setAttribute('aria-label', options.caption);
    this.root.dataset['testid'] = options.id;
    this.root.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.root.addEventListener('keydown', (event) => this.#key(event));
    this.#body.addEventListener('click', (event) => this.#click(event));
    this.#body.addEventListener('dblclick', (event) => this.#doubleClick(event));
    new ResizeObserver(() => {
      this.#sizesKnown = false;
      invalidate();
    }).observe(this.root);
  }

  /** Whether there is room to show anything: not in a tab that is out of sight. */
  get isShown(): boolean {
    this.#measure();
    return this.#height > 0;
  }

  /** Lines that the reader sees or has scrolled past. */
  get inSight(): number {
    return this.#first + this.#shownRows;
  }

  get #shownRows(): number {
    return Math.max(1, Math.min(mostRows, Math.floor((this.#height - this.#headHeight) / this.#rowHeight)));
  }

  /** Shows these lines. */
  show(lines: readonly T[]): void {
    this.#lines = lines;
    this.#measure();
    const beyond = Math.max(0, lines.length - this.#shownRows);
    const height = `${this.#height + beyond * this.#rowHeight}px`;
    if (this.#sizer.style.height !== height) {
      this.#sizer.style.height = height;
    }

    attribute(this.#table, 'aria-rowcount', String(lines.length + 1));
    this.#first = Math.min(this.#first, beyond);
    this.#write();
  }

  /** Other columns may be shown than before. */
  arrange(): void {
    this.#sizesKnown = false;
  }

  /** Says by which columns the lines are sorted. */
  mark(by: readonly string[], descending: boolean): void {
    this.#options.columns.forEach(({ id }, i) => {
      const cell = this.#head.children[i];
      if (cell !== undefined) {
        toggle(cell, 'sorted', by.includes(id));
        toggle(cell, 'down', by.includes(id) && descending);
        if (by[0] === id) {
          attribute(cell, 'aria-sort', descending ? 'descending' : 'ascending');
        } else {
          cell.removeAttribute('aria-sort');
        }
      }
    });
  }

  /** Draws the trends of the rows in sight. */
  drawTrends(): void {
    if (this.#options.trends !== undefined && this.#height > 0) {
      this.#sparks.draw(this.#options.trends(this.#lines.slice(this.#first, this.#first + this.#shownRows)));
    }
  }

  /** Moves the selection by lines and keeps it in sight. */
  move(by: number): void {
    const current = this.#lines.findIndex((line) => line.key === this.selected);
    const start = current < 0 ? (by > 0 ? this.#first - 1 : this.#first + 1) : current;
    const target = Math.min(this.#lines.length - 1, Math.max(0, start + by));
    this.selected = this.#lines[target]?.key ?? null;
    const first = Math.min(target, Math.max(this.#first, target - this.#shownRows + 1));
    if (first !== this.#first) {
      this.#first = Math.max(0, first);
      this.root.scrollTop = this.#first * this.#rowHeight;
    }

    this.#write();
    this.drawTrends();
  }

  #write(): void {
    const count = Math.min(this.#shownRows, mostRows);
    while (this.#rows.length < count) {
      const row = new GridRow(this.#options.columns);
      this.#rows.push(row);
      this.#body.append(row.root);
    }

    this.#rows.forEach((row, i) => {
      const line = i < count ? this.#lines[this.#first + i] : undefined;
      row.root.hidden = line === undefined;
      if (line !== undefined) {
        attribute(row.root, 'aria-rowindex', String(this.#first + i + 2));
        toggle(row.root, 'odd', (this.#first + i) % 2 === 1);
        row.select(line.key === this.selected);
        this.#options.write(row, line);
      }
    });
  }

  #scrolled(): void {
    const first = Math.round(this.root.scrollTop / this.#rowHeight);
    if (first !== this.#first) {
      this.#first = Math.max(0, Math.min(first, this.#lines.length - this.#shownRows));
      this.#write();
      this.drawTrends();
    }
  }

  #measure(): void {
    if (this.#sizesKnown) {
      return;
    }

    this.#sizesKnown = true;
    this.#height = this.root.clientHeight;
    if (this.#height === 0) {
      return;
    }

    if (this.#rows.length === 0) {
      this.#write();
    }

    const [row] = this.#rows;
    const wasHidden = row?.root.hidden ?? false;
    if (row !== undefined) {
      row.root.hidden = false;
      this.#rowHeight = row.root.offsetHeight || this.#rowHeight;
    }

    this.#headHeight = this.#head.offsetHeight || this.#headHeight;
    const cell = row?.trendCell;
    const [left, top, width] = [cell?.offsetLeft ?? 0, this.#body.offsetTop, cell?.clientWidth ?? 0];
    if (row !== undefined) {
      row.root.hidden = wasHidden;
    }

    const height = this.#shownRows * this.#rowHeight;
    this.#layer.style.transform = `translate(${left}px, ${top}px)`;
    this.#layer.style.width = `${width}px`;
    this.#layer.style.height = `${height}px`;
    // The layer's own padding keeps the trend away from the edges of its column.
    this.#sparks.resize(width - 12, height, this.#rowHeight);
  }

  #headCell(column: GridColumn): HTMLTableCellElement {
    const cell = element('th', `${column.kind} col-${column.id}`);
    cell.scope = 'col';
    if (column.hint !== undefined) {
      cell.title = column.hint;
    }

    const { sort } = this.#options;
    if (sort === undefined || column.sorts !== true) {
      cell.append(element('span', 'head-text', column.head));
    } else {
      const button = element('button', 'head-text', column.head);
      button.type = 'button';
      button.addEventListener('click', () => sort(column.id));
      cell.append(button);
    }

    return cell;
  }

  #lineAt(event: Event): T | null {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    const index = this.#rows.findIndex((item) => item.root === row);
    return index < 0 ? null : (this.#lines[this.#first + index] ?? null);
  }

  #click(event: MouseEvent): void {
    const line = this.#lineAt(event);
    if (line !== null && event.target instanceof Element && event.target.closest('.fold') !== null) {
      this.#options.fold?.(line);
    } else if (line !== null) {
      this.selected = line.key;
      this.#write();
    }
  }

  #doubleClick(event: MouseEvent): void {
    const line = this.#lineAt(event);
    if (line !== null && event.target instanceof Element && event.target.closest('.fold') === null) {
      this.#options.open?.(line);
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.root || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }

    const line = this.#lines.find((item) => item.key === this.selected);
    const page = Math.max(1, this.#shownRows - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      this.move(Math.min(this.#lines.length, Math.max(-this.#lines.length, step)));
    } else if (event.key === 'Escape') {
      this.root.blur();
    } else if (event.key === 'Enter' && line !== undefined) {
      this.#options.open?.(line);
    } else if ((event.key === 'ArrowLeft' || event.key === 'ArrowRight') && this.#options.fold !== undefined) {
      if (line !== undefined) {
        this.#options.fold(line, event.key === 'ArrowLeft');
      }
    } else {
      return;
    }

    event.preventDefault();
    event.stopPropagation();
  }
}
