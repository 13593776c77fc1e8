// The small card beside the pointer: what the gutter cannot say about a second.
import { element, TextCell } from '../dom';
import { mostLargest } from '../tables/largest';
import type { TipLine } from './track';

/** Room that the tip may need without its rows, and for each row, CSS pixels. */
const tipWidth = 250;
const baseHeight = 60;
const rowHeight = 16;

/** Distance from the pointer, CSS pixels. */
const gap = 12;

export interface TipContent {
  readonly title: string;
  readonly time: string;
  readonly value: string;
  readonly lines: readonly TipLine[];
  readonly foot: string;
}

interface Row {
  readonly root: HTMLElement;
  readonly label: TextCell;
  readonly detail: TextCell;
  readonly value: TextCell;
}

export class Tip {
  readonly root = element('div', 'tip');
  readonly #title = element('span');
  readonly #titleText = new TextCell(this.#title);
  readonly #time: TextCell;
  readonly #value: TextCell;
  readonly #foot: TextCell;
  readonly #rows: readonly Row[];
  #shown = 0;

  constructor() {
    const [time, value, foot] = [element('time'), element('span'), element('div', 'tip-foot')];
    [this.#time, this.#value, this.#foot] = [new TextCell(time), new TextCell(value), new TextCell(foot)];
    this.#title.append(time);
    this.#rows = Array.from({ length: mostLargest + 1 }, makeRow);
    this.root.append(element('div', 'tip-head', this.#title, value), ...this.#rows.map((row) => row.root), foot);
    this.root.hidden = true;
    this.root.dataset['testid'] = 'tip';
    this.root.setAttribute('aria-hidden', 'true');
  }

  show(content: TipContent): void {
    this.#titleText.write(content.title);
    this.#time.write(content.time);
    this.#value.write(content.value);
    this.#shown = content.lines.length;
    this.#rows.forEach((row, i) => {
      const line = content.lines[i];
      row.root.hidden = line === undefined;
      row.label.write(line?.label ?? '');
      row.detail.write(line?.detail ?? '');
      row.value.write(line?.value ?? '');
    });
    this.#foot.write(content.foot);
    this.root.hidden = false;
  }

  hide(): void {
    this.root.hidden = true;
  }

  /**
   * Stands right of the pointer, or left of it where there is no room; never over the line. Its own size is not read,
   * because that would lay the page out once more with each move.
   */
  place(x: number, y: number, width: number, height: number): void {
    const left = x + gap + tipWidth > width ? `calc(${Math.round(x - gap)}px - 100%)` : `${Math.round(x + gap)}px`;
    const top = Math.min(Math.max(24, y + gap), height - baseHeight - this.#shown * rowHeight);
    this.root.style.transform = `translate(${left}, ${Math.round(top)}px)`;
  }
}

function makeRow(): Row {
  const [label, detail, value] = [element('b'), element('span', 'tip-detail'), element('span', 'tip-value')];
  const root = element('div', 'tip-row', element('span', 'tip-words', label, detail), value);
  return { root, label: new TextCell(label), detail: new TextCell(detail), value: new TextCell(value) };
}
