// The recorder strip: all that the page holds, with the tracks' window marked on it.
import { StripChart } from '../chart/strip-chart';
import type { Palette } from '../chart/palette';
import { attribute, element, TextCell } from '../dom';
import { clock, duration, percent } from '../format';
import { heldMs, mostSamples } from '../history';
import { CpuModes } from '../tracks/cpu-modes';
import { Missing, Rows, View } from '../view';

/** The words on the left and the last label keep the others away, CSS pixels. */
const wordsWidth = 210;
const halfLabel = 20;

export class Strip {
  readonly root: HTMLElement;
  readonly #plot = element('div', 'strip-plot');
  readonly #labels = element('div', 'strip-labels');
  readonly #words = element('span', 'key');
  readonly #text = new TextCell(this.#words);
  readonly #line = element('div', 'hover-line');
  readonly #chart: StripChart;
  readonly #modes = new CpuModes();
  readonly #rows = new Rows(1);
  readonly #missing = new Missing();
  readonly #view: View;
  #labelKey = '';
  #width = 0;

  constructor(view: View, palette: Palette) {
    this.#view = new View(view.history);
    this.#chart = new StripChart(this.#plot, palette);
    this.#line.hidden = true;
    this.#plot.append(this.#line);
    this.#labels.append(this.#words);
    this.#labels.setAttribute('aria-hidden', 'true');
    this.root = element('section', 'strip', this.#plot, this.#labels);
    this.root.setAttribute('aria-label', 'Recorder strip');
    this.root.dataset['testid'] = 'strip';
    this.#plot.setAttribute('role', 'img');
    this.#plot.setAttribute('aria-label', 'CPU busy over the time that this page holds');
  }

  /** Follows a new size. */
  resize(): void {
    this.#width = this.#plot.clientWidth;
    this.#chart.resize(this.#width, this.#plot.clientHeight);
    this.#labelKey = '';
  }

  draw(view: View, live: boolean): void {
    const own = this.#view;
    const newest = view.history.newest;
    const growth = newest < 0 ? 0 : view.x1 - (view.history.x[newest] ?? 0);
    own.place(heldMs, growth, null, view.now);
    this.#modes.refresh(view.history);
    const values = this.#rows.take(Math.min(own.count, mostSamples))[0] ?? new Float64Array(0);
    for (let i = 0; i < own.count; i++) {
      values[i] = this.#modes.busy(own.from + i);
    }

    const { x, breaks, x0, x1 } = own;
    const window = [view.x0, view.x1] as const;
    this.#chart.draw({ x, values, breaks, x0, x1, window, missing: this.#missing.find(own, values), live });
    const held = view.history.count < 2 ? 0 : x1 - (view.history.x[view.history.start] ?? x1);
    this.#text.write(newest < 0 ? '' : `CPU busy, ${duration(Math.round(held / 1000))} held by this page`);
    const busy = percent(100 * this.#modes.busy(newest));
    attribute(this.#plot, 'aria-label', `CPU busy now ${busy} %, ${this.#text.text}`);
    this.#writeLabels(own);
    this.read(view);
  }

  /** Moves the line to the second under the pointer. */
  read(view: View): void {
    this.#line.hidden = view.cursorX === null;
    if (view.cursorX !== null) {
      const share = (view.cursorX - this.#view.x0) / (this.#view.x1 - this.#view.x0);
      this.#line.style.transform = `translateX(${Math.round(share * this.#width)}px)`;
    }
  }

  #writeLabels(own: View): void {
    const toPlace = (x: number): number => ((x - own.x0) / (own.x1 - own.x0)) * this.#width;
    const ticks = own.verticals
      .map((x) => ({ at: toPlace(x), text: clock(x + own.offset).slice(0, 5) }))
      .filter((tick) => tick.at > wordsWidth + halfLabel && tick.at < this.#width - halfLabel);
    const key = ticks.map((tick) => `${tick.at.toFixed(0)} ${tick.text}`).join('|');
    if (key !== this.#labelKey) {
      this.#labelKey = key;
      const labels = ticks.map((tick) => {
        const label = element('span', 'tick', tick.text);
        label.style.left = `${tick.at.toFixed(1)}px`;
        return label;
      });
      this.#labels.replaceChildren(this.#words, ...labels);
    }
  }
}
