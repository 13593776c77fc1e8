// The one drawing pass. Whatever happened since the last animation frame - a sample, a new size, a moved pointer - is
// drawn once, in the next one; a hidden page draws nothing.
import { Palette } from './chart/palette';
import type { History } from './history';
import { span } from './format';
import type { Picture } from './past/replay';
import type { Panel } from './panels/panel';
import type { Strip } from './panels/strip';
import { windowMs } from './settings';
import * as state from './state';
import { lateAfterIntervals, type Phase } from './timeline';
import type { PointerPlace, Stack } from './tracks/stack';
import { type Cursor, View } from './view';

export class Renderer {
  readonly palette = new Palette();
  /** The window that is drawn. */
  readonly view: View;
  /** Gives what is drawn instead of the newest samples; null while those are. */
  past: (growthMs: number) => Picture | null = () => null;
  stack: Stack | null = null;
  strip: Strip | null = null;
  panels: readonly Panel[] = [];

  readonly #live: History;
  /** The moment that the page stands at while it shows the past. */
  readonly #moment: View;
  readonly #phase: () => Phase;
  #root: HTMLElement | null = null;
  #cursor: Cursor | null = null;
  #pointer: PointerPlace | null = null;
  #scheduled = false;
  #stale = true;
  #stripSized = false;

  constructor(history: History, phase: () => Phase) {
    this.view = new View(history);
    this.#moment = new View(history);
    this.#live = history;
    this.#phase = phase;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) {
        this.redraw();
      }
    });
  }

  get cursor(): Cursor | null {
    return this.#cursor;
  }

  attach(root: HTMLElement): void {
    this.#root = root;
    this.palette.read(root);
    new ResizeObserver(() => {
      this.#stripSized = false;
      this.redraw();
    }).observe(root);
    this.redraw();
  }

  /** Adds panels that were fetched later than the page. */
  add(panels: readonly Panel[]): void {
    this.panels = [...this.panels, ...panels];
    this.redraw();
  }

  /** The colours have changed. */
  recolour(): void {
    if (this.#root !== null) {
      this.palette.read(this.#root);
      this.redraw();
    }
  }

  /** Shows another second in all gutters; null shows the newest. */
  point(cursor: Cursor | null, pointer: PointerPlace | null): void {
    this.#cursor = cursor;
    this.#pointer = pointer;
    this.#schedule();
  }

  /** Draws everything in the next animation frame. */
  redraw(): void {
    this.#stale = true;
    this.#schedule();
  }

  /** Lets the panels write what is new in the next animation frame; the tracks are not drawn for it. */
  refresh(): void {
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#scheduled && !document.hidden) {
      this.#scheduled = true;
      requestAnimationFrame(() => {
        this.#scheduled = false;
        this.#pass();
      });
    }
  }

  #pass(): void {
    const { view, stack, strip } = this;
    const phase = this.#phase();
    const ageMs = phase.ageMs ?? 0;
    const isOld = ageMs > lateAfterIntervals * this.#live.intervalMs;
    const growthMs = isOld ? ageMs : 0;
    view.pointerTrack = this.#pointer?.track ?? null;
    const picture = this.past(growthMs);
    this.#place(picture, growthMs);
    if (this.#cursor?.kind === 'moment' && this.#cursor.x < view.x0) {
      this.#cursor = null;
      this.#place(picture, growthMs);
    }

    const second = this.#secondOf(picture);
    const old = isOld && picture === null;
    const isWhole = this.#stale;
    this.#stale = false;
    if (isWhole) {
      if (!this.#stripSized) {
        this.#stripSized = true;
        strip?.resize();
      }

      stack?.draw(view, axisTitle(view), old, picture);
      strip?.draw(view, picture, growthMs, !isOld && this.#live.newest >= 0);
    }

    // Under a pointer the file systems, which no window of the past holds, stay those of the moment.
    stack?.read(view, second, picture === null ? second : this.#momentOf(picture), old);
    strip?.read(view);
    for (const panel of this.panels) {
      panel.read(second);
      if (isWhole) {
        panel.draw(second);
      }
    }

    stack?.point(view, this.#pointer);
    this.#publish(isOld, second);
  }

  #place(picture: Picture | null, growthMs: number): void {
    const { view } = this;
    const now = performance.now();
    if (picture === null) {
      view.history = this.#live;
      view.endSlack = 1;
      view.follow(windowMs.value, growthMs, this.#cursor, now);
      return;
    }

    view.history = picture.window;
    view.knownFrom = picture.knownFrom;
    view.knownTo = picture.knownTo;
    view.endSlack = picture.slack;
    view.place(picture.x0, picture.x1, this.#cursor, now);
  }

  /** The view whose values are shown: of the second under the pointer, of the playhead, or of the newest. */
  #secondOf(picture: Picture | null): View {
    return picture === null || this.view.cursorX !== null ? this.view : this.#momentOf(picture);
  }

  /** The view of the moment that the page stands at, whatever the pointer asks for. */
  #momentOf(picture: Picture): View {
    const moment = this.#moment;
    moment.history = picture.second ?? picture.window;
    moment.place(this.view.x0, this.view.x1, null, this.view.now);
    moment.at = picture.second === null ? -1 : moment.history.newest;
    return moment;
  }

  /** Tells the shell and the tests what was drawn. */
  #publish(old: boolean, second: View): void {
    const { view } = this;
    const { newest } = this.#live;
    const shown = view.cursorX === null || view.at < 0 ? null : (view.history.t[view.at] ?? null);
    state.shownTime.value = shown;
    if (this.#root !== null && newest >= 0) {
      const { dataset } = this.#root;
      dataset['seq'] = String(this.#live.seq[newest] ?? '');
      dataset['cursorSeq'] = shown === null ? '' : String(view.history.seq[view.at] ?? '');
      dataset['old'] = String(old);
      dataset['second'] = String(second.at < 0 ? '' : (second.history.t[second.at] ?? ''));
    }
  }
}

function axisTitle({ history, x0, x1 }: View): string {
  const step = history.intervalMs < 60_000 ? `${history.intervalMs / 1000} s` : span(history.intervalMs);
  const window = span(Math.round(x1 - x0));
  return history.hasRanges ? `${window}, ${step} min/avg/max` : `${window} window, ${step} samples`;
}
