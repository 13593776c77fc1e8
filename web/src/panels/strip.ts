// The recorder strip: all that was recorded lately in one picture, with the tracks' window on it. It is the way into
// the past, so it is always there.
import type { Palette } from '../chart/palette';
import { StripChart } from '../chart/strip-chart';
import { attribute, element, TextCell } from '../dom';
import { axisLabel, clock, date, duration, percent } from '../format';
import { heldMs, History } from '../history';
import { timeTicks } from '../chart/ticks';
import { range, recorder, replayTime } from '../past/now';
import { marksOf, OverviewRows } from '../past/overview';
import type { Questions } from '../past/questions';
import type { Picture } from '../past/replay';
import { stripMs } from '../settings';
import { spans } from '../state';
import { AxisLabels } from '../tracks/axis-labels';
import type { View } from '../view';

/** The words on the left and the last label keep the others away, CSS pixels. */
const wordsWidth = 300;
const halfLabel = 20;

/** A strip narrower than this has no words. */
const narrow = 500;

export class Strip {
  readonly root: HTMLElement;
  readonly plot = element('div', 'strip-plot');
  /** The time that is shown, Unix ms. */
  x0 = 0;
  x1 = 1;
  /** The window of the tracks, Unix ms. */
  window: readonly [number, number] = [0, 0];

  readonly #labels = element('div', 'strip-labels');
  readonly #ticks = new AxisLabels();
  readonly #words = element('span', 'key');
  readonly #span = element('button', 'plain key-span');
  readonly #spanText = new TextCell(this.#span);
  readonly #line = element('div', 'hover-line');
  readonly #chart: StripChart;
  readonly #rows: OverviewRows;
  readonly #live: History;
  #width = 0;

  constructor(live: History, palette: Palette, questions: Questions, changed: () => void) {
    this.#live = live;
    this.#rows = new OverviewRows(questions, changed);
    this.#chart = new StripChart(this.plot, palette);
    this.#line.hidden = true;
    this.plot.append(this.#line);
    const lanes = [['c-user', 'CPU'], ['c-memory', 'mem'], ['c-disk', 'I/O']] as const;
    const stalls = lanes.map(([colour, words]) => {
      return element('span', 'lane', element('i', `swatch line ${colour}`), words);
    });
    this.#span.type = 'button';
    this.#span.dataset['testid'] = 'strip-span';
    this.#span.addEventListener('click', () => {
      stripMs.value = nextSpan(1);
      changed();
    });
    this.#words.append('CPU busy, ', this.#span, ' · stall ', ...stalls);
    this.#ticks.root.setAttribute('aria-hidden', 'true');
    this.#labels.append(this.#words, this.#ticks.root);
    this.root = element('section', 'strip', this.plot, this.#labels);
    this.root.setAttribute('aria-label', 'Recorder strip');
    this.root.dataset['testid'] = 'strip';
    this.plot.dataset['testid'] = 'strip-plot';
  }

  /** Events of the time that is shown, oldest first. */
  get events(): OverviewRows['events'] {
    return this.#rows.events;
  }

  /** The time in a range at which the CPU was busiest; null when nothing is known of it. */
  peak(from: number, to: number): number | null {
    return this.#rows.peak(from, to);
  }

  /** Follows a new size. */
  resize(): void {
    this.#width = this.plot.clientWidth;
    this.#chart.resize(this.#width, this.plot.clientHeight);
  }

  /** The time at a place of the screen. */
  timeAt(clientX: number): number {
    const box = this.plot.getBoundingClientRect();
    return this.x0 + ((clientX - box.left) / box.width) * (this.x1 - this.x0);
  }

  draw(view: View, picture: Picture | null, growthMs: number, isLive: boolean): void {
    const live = this.#live;
    const newest = live.newest < 0 ? Date.now() : (live.t[live.newest] ?? 0) + growthMs;
    const known = recorder.value;
    const isGrowing = known === null || known.state === 'recording';
    this.#place(known?.oldest ?? newest - heldMs, isGrowing ? newest : (known.newest ?? newest));
    if (known !== null) {
      this.#rows.ensure(this.x0, this.x1, this.#width / 2, this.x1);
    }

    this.#rows.compose(live);
    this.window = [view.x0 + view.offset, view.x1 + view.offset];
    const at = replayTime.value;
    const missing = this.#rows.missing(this.x0, this.x1, growthMs > 0 ? newest - growthMs : null);
    this.#chart.draw({
      rows: this.#rows,
      x0: this.x0,
      x1: this.x1,
      window: this.window,
      range: range.value,
      playhead: at,
      missing,
      marks: marksOf(this.#rows.events),
      mode: at !== null ? 'replay' : isLive ? 'live' : 'old',
    });
    const span = spans.find((item) => item.ms === stripMs.value) ?? spans[0];
    const held = duration(Math.round((this.x1 - Math.max(this.x0, live.t[live.start] ?? 0)) / 1000));
    this.#spanText.write(known === null ? `${held} held by this page` : this.x1 < newest ? 'then' : span.label);
    this.#span.disabled = known === null;
    this.#describe(at, newest, picture);
    this.#writeLabels();
    this.read(view);
  }

  /** Moves the line to the second under the pointer. */
  read(view: View): void {
    this.#line.hidden = view.cursorX === null;
    if (view.cursorX !== null) {
      const share = (view.cursorX + view.offset - this.x0) / (this.x1 - this.x0);
      this.#line.style.transform = `translateX(${Math.round(share * this.#width)}px)`;
    }
  }

  /** Which time is shown: up to now, or around the moment of the replay when that lies before it. */
  #place(oldest: number, newest: number): void {
    const wanted = recorder.value === null ? heldMs : stripMs.value;
    const width = wanted > 0 ? wanted : Math.max(60_000, newest - oldest);
    const at = replayTime.value;
    const isBefore = at !== null && at < newest - width;
    this.x1 = isBefore ? Math.min(newest, at + width / 2) : newest;
    this.x0 = this.x1 - width;
  }

  #describe(at: number | null, newest: number, picture: Picture | null): void {
    const { plot } = this;
    const busy = this.#rows.busyAt(at ?? newest);
    const time = at ?? newest;
    const ago = at === null ? 'live' : `${duration(Math.max(0, newest - at) / 1000)} ago`;
    attribute(plot, 'role', recorder.value === null ? 'img' : 'slider');
    attribute(plot, 'aria-label', 'Recorder strip: moment that the page shows');
    if (recorder.value === null) {
      return;
    }

    plot.tabIndex = 0;
    attribute(plot, 'aria-valuemin', String(Math.round(this.x0 / 1000)));
    attribute(plot, 'aria-valuemax', String(Math.round(this.x1 / 1000)));
    attribute(plot, 'aria-valuenow', String(Math.round(time / 1000)));
    // What counts every second is not told every second.
    const words = at === null && picture === null ? 'live' : `${clock(time)}, ${date(time)}, ${ago}`;
    attribute(plot, 'aria-valuetext', at === null || busy === null ? words : `${words}, CPU ${percent(100 * busy)} %`);
  }

  #writeLabels(): void {
    const span = this.x1 - this.x0;
    const toPlace = (x: number): number => ((x - this.x0) / span) * this.#width;
    const [most, left] = this.#width < narrow ? [4, 0] : [12, wordsWidth];
    const ticks = timeTicks(this.x0, this.x1, 0, most)
      .map((x) => ({ at: toPlace(x), text: axisLabel(x, Math.max(span, 20 * 60_000)) }))
      .filter((tick) => tick.at > left + halfLabel && tick.at < this.#width - halfLabel);
    this.#ticks.write(ticks);
  }
}

/** The next longer (1) or shorter (-1) length of the strip; beyond the longest comes the shortest only by a click. */
export function nextSpan(by: 1 | -1, around = true): number {
  const current = Math.max(0, spans.findIndex((item) => item.ms === stripMs.value));
  const clamped = Math.min(spans.length - 1, Math.max(0, current + by));
  const next = around ? (current + by + spans.length) % spans.length : clamped;
  return spans[next]?.ms ?? spans[0].ms;
}
