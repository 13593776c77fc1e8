// Words under their places along an axis. Their nodes are kept: what only moves, once a second, needs no new layout.
import { element, TextCell } from '../dom';

export interface AxisLabel {
  /** Place of its middle, CSS pixels. */
  readonly at: number;
  readonly text: string;
}

interface Shown {
  readonly root: HTMLElement;
  readonly text: TextCell;
  at: number;
  isHidden: boolean;
}

export class AxisLabels {
  readonly root = element('div', 'axis-ticks');
  readonly #labels: Shown[] = [];
  #count = 0;
  #cover: readonly [number, number] | null = null;

  write(labels: readonly AxisLabel[]): void {
    this.#count = labels.length;
    labels.forEach(({ at, text }, i) => {
      const shown = (this.#labels[i] ??= this.#make());
      const place = Math.round(at);
      shown.text.write(text);
      if (shown.at !== place) {
        shown.at = place;
        shown.root.style.transform = `translateX(calc(${place}px - 50%))`;
      }
    });
    this.#hide();
  }

  /** Leaves out the labels under something that stands between two places; null: nothing does. */
  cover(between: readonly [number, number] | null): void {
    if (between?.[0] !== this.#cover?.[0] || between?.[1] !== this.#cover?.[1]) {
      this.#cover = between;
      this.#hide();
    }
  }

  #hide(): void {
    this.#labels.forEach((label, i) => {
      const cover = this.#cover;
      const isCovered = cover !== null && label.at > cover[0] && label.at < cover[1];
      const isHidden = i >= this.#count || isCovered;
      if (label.isHidden !== isHidden) {
        label.isHidden = isHidden;
        label.root.style.visibility = isHidden ? 'hidden' : '';
      }
    });
  }

  #make(): Shown {
    const root = element('span');
    this.root.append(root);
    return { root, text: new TextCell(root), at: NaN, isHidden: false };
  }
}
