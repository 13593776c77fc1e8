import { attribute, element, TextCell } from '../dom';

export interface GridColumn {
  readonly id: string;
  readonly head: string;
  /** What the head means, for a pointer that rests on it. */
  readonly hint?: string;
  readonly kind: 'name' | 'text' | 'number' | 'bar' | 'trend';
  /** Its head can be pressed. */
  readonly sorts?: boolean;
}

/** One row in sight; which line it shows changes. */
export class GridRow {
  readonly root = element('tr');
  readonly trendCell: HTMLTableCellElement | undefined;
  readonly #cells = new Map<string, GridCell>();
  readonly #nameCell: NameCell | undefined;
  #classes = '';

  constructor(columns: readonly GridColumn[]) {
    for (const column of columns) {
      if (column.kind === 'name') {
        this.#nameCell = new NameCell(column.id);
        this.root.append(this.#nameCell.root);
      } else {
        const cell = new GridCell(column);
        this.#cells.set(column.id, cell);
        this.root.append(cell.root);
        if (column.kind === 'trend') {
          this.trendCell = cell.root;
        }
      }
    }
  }

  get name(): NameCell {
    if (this.#nameCell === undefined) {
      throw new Error('This table has no column of names.');
    }

    return this.#nameCell;
  }

  /** Writes a cell: its text, a class for its meaning, and the share of it that its bar fills, 0 to 1. */
  write(id: string, text: string, meaning = '', share = 0): void {
    this.#cells.get(id)?.write(text, meaning, share);
  }

  /** Sets what the whole row means. */
  mean(classes: string): void {
    if (classes !== this.#classes) {
      const before = this.#classes.split(' ').filter((name) => name !== '');
      this.root.classList.remove(...before);
      this.root.classList.add(...classes.split(' ').filter((name) => name !== ''));
      this.#classes = classes;
    }
  }

  select(isSelected: boolean): void {
    if (isSelected !== this.root.hasAttribute('aria-current')) {
      this.root.toggleAttribute('aria-current', isSelected);
      if (isSelected) {
        this.root.setAttribute('aria-current', 'true');
      }
    }
  }
}

class GridCell {
  readonly root: HTMLTableCellElement;
  readonly #base: string;
  readonly #text: TextCell;
  readonly #bar: HTMLElement | null;
  #meaning = '';
  #width = '';

  constructor({ id, kind }: GridColumn) {
    this.#base = `${kind} col-${id}`;
    this.root = element('td', this.#base);
    this.#bar = kind === 'bar' ? element('i') : null;
    if (this.#bar !== null) {
      this.root.append(this.#bar);
    }

    this.#text = new TextCell(this.#bar === null ? this.root : this.root.appendChild(element('span')));
  }

  write(text: string, meaning: string, share: number): void {
    this.#text.write(text);
    if (meaning !== this.#meaning) {
      this.#meaning = meaning;
      this.root.className = `${this.#base} ${meaning}`;
    }

    const width = `${(100 * Math.min(1, Math.max(0, share || 0))).toFixed(0)}%`;
    if (this.#bar !== null && width !== this.#width) {
      this.#width = width;
      this.#bar.style.width = width;
      this.#bar.hidden = width === '0%';
    }
  }
}

/** What the cell of a name says. */
export interface NameContent {
  readonly main: string;
  /** Quieter, after the name. */
  readonly rest?: string;
  /** A remark that must not be cut off, and its class. */
  readonly remark?: string;
  readonly remarkClass?: string;
  readonly title?: string;
  readonly depth?: number;
  /** Null: nothing can be folded away. */
  readonly isFolded?: boolean | null;
}

/** The cell that names its row: place in the tree, name, what follows it, a remark. */
class NameCell {
  readonly root: HTMLTableCellElement;
  readonly #fold = element('button', 'fold');
  readonly #main: TextCell;
  readonly #rest: TextCell;
  readonly #remark: TextCell;
  readonly #remarkNode = element('span');
  #depth = 0;

  constructor(id: string) {
    this.root = element('th', `name col-${id}`);
    this.root.scope = 'row';
    const [main, rest] = [element('span', 'name-main'), element('span', 'name-rest mono')];
    [this.#main, this.#rest, this.#remark] = [new TextCell(main), new TextCell(rest), new TextCell(this.#remarkNode)];
    this.#fold.type = 'button';
    this.#fold.tabIndex = -1;
    this.#fold.hidden = true;
    const words = element('span', 'words', main, rest);
    this.root.append(element('div', 'name-parts', this.#fold, words, this.#remarkNode));
  }

  write(content: NameContent): void {
    const { main, rest = '', remark = '', remarkClass = '', title = '', depth = 0, isFolded = null } = content;
    this.#main.write(main);
    this.#rest.write(rest);
    this.#remark.write(remark);
    if (this.#remarkNode.className !== remarkClass) {
      this.#remarkNode.className = remarkClass;
    }

    attribute(this.root, 'title', title);
    if (depth !== this.#depth) {
      this.#depth = depth;
      this.root.style.setProperty('--depth', String(Math.min(depth, 8)));
    }

    this.#fold.hidden = isFolded === null;
    if (isFolded !== null) {
      attribute(this.#fold, 'aria-expanded', String(!isFolded));
      attribute(this.#fold, 'aria-label', `${isFolded ? 'Unfold' : 'Fold'} ${main}`);
    }
  }
}
