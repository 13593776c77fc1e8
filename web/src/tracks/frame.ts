// The parts that all tracks share: gutter with title, headline and legend; plot; labels of the value axis.
import { attribute, element, TextCell, toggle } from '../dom';
import type { Token } from '../chart/palette';

export interface LegendEntry {
  readonly id: string;
  readonly label: string;
  readonly colour: Token | 'none' | null;
  readonly line?: boolean;
  /** Left out where there is little room. */
  readonly minor?: boolean;
}

/** A legend entry in the page: its label and value change in place. */
export class LegendCell {
  readonly root: HTMLDivElement;
  readonly label: TextCell;
  readonly value: TextCell;

  constructor(track: string, entry: LegendEntry) {
    const [term, data] = [element('dt'), element('dd')];
    this.root = element('div', entry.minor === true ? 'minor' : '');
    if (entry.colour !== null) {
      const shape = entry.line === true ? 'swatch line' : 'swatch';
      const colour = entry.colour === 'none' ? 'none' : `c-${entry.colour}`;
      term.append(element('i', `${shape} ${colour}`));
    }

    this.root.append(term, data);
    this.label = new TextCell(term);
    this.label.write(entry.label);
    this.value = new TextCell(data);
    data.dataset['testid'] = `${track}-${entry.id}`;
  }
}

export interface AxisLabel {
  /** Share of the plot's height, from its top. */
  readonly at: number;
  readonly text: string;
  /** Left out of a low track. */
  readonly minor?: boolean;
}

/** What the frame takes from its track. */
export interface TrackShape {
  readonly id: string;
  readonly title: string;
  readonly weight: number;
  readonly least?: number;
}

/** Labels nearer than this to an edge are moved inside, share of the height. */
const edge = 0.08;

export class TrackFrame {
  readonly root: HTMLElement;
  readonly gutter: HTMLElement;
  readonly plot: HTMLElement;
  readonly labels: HTMLElement;
  readonly id: string;

  readonly #title: string;
  readonly #value: TextCell;
  readonly #unit: TextCell;
  readonly #cells: LegendCell[] = [];
  #labelKey = '';

  constructor({ id, title, weight, least }: TrackShape) {
    const value = element('b');
    const unit = element('span');
    value.dataset['testid'] = `${id}-value`;
    const heading = element('h2', 'title', title);
    this.id = id;
    this.#title = title;
    this.#value = new TextCell(value);
    this.#unit = new TextCell(unit);
    this.gutter = element('div', 'gutter', element('div', 'head', heading, element('p', 'headline', value, unit)));
    this.plot = element('div', 'plot');
    this.labels = element('div', 'ylabels');
    this.labels.setAttribute('aria-hidden', 'true');
    this.root = element('section', 'track', this.gutter, this.plot, this.labels);
    this.root.setAttribute('role', 'group');
    this.root.setAttribute('aria-label', title);
    this.root.tabIndex = 0;
    this.root.dataset['testid'] = `track-${id}`;
    this.root.dataset['track'] = id;
    this.root.style.setProperty('--weight', String(weight));
    this.root.style.setProperty('--least', String(least ?? weight));
  }

  get headline(): string {
    return `${this.#value.text} ${this.#unit.text}`.trim();
  }

  /** Writes the headline. Values that are not of now are quieter. */
  write(value: string, unit: string): void {
    this.#value.write(value);
    this.#unit.write(unit);
  }

  /** Adds a legend of one or two columns; returns a cell for each entry. */
  legend(entries: readonly LegendEntry[], columns: 1 | 2 = 1): LegendCell[] {
    const list = element('dl', columns === 2 ? 'legend two' : 'legend');
    if (columns === 2) {
      list.style.gridTemplateRows = `repeat(${Math.ceil(entries.length / 2)}, auto)`;
    }

    const cells = entries.map((entry) => new LegendCell(this.id, entry));
    list.append(...cells.map((cell) => cell.root));
    this.gutter.append(list);
    this.#cells.push(...cells);
    return cells;
  }

  /** Writes the labels of the value axis. */
  axis(labels: readonly AxisLabel[]): void {
    const key = labels.map((label) => `${label.at} ${label.text}`).join('|');
    if (key === this.#labelKey) {
      return;
    }

    this.#labelKey = key;
    this.labels.replaceChildren(
      ...labels.map((label) => {
        const place = label.at < edge ? 'top' : label.at > 1 - edge ? 'bottom' : '';
        const node = element('span', label.minor === true ? `${place} minor` : place, label.text);
        node.style.top = `${(100 * label.at).toFixed(2)}%`;
        return node;
      }),
    );
  }

  /** Says for assistive technology and tests which second is shown, in words. */
  describe(sequence: number | null, old: boolean): void {
    const parts = this.#cells.map((cell) => `${cell.label.text} ${cell.value.text}`.trim());
    attribute(this.root, 'aria-label', [`${this.#title} ${this.headline}`, ...parts].join(', '));
    attribute(this.root, 'data-seq', sequence === null ? '' : String(sequence));
    toggle(this.root, 'old', old);
  }
}
