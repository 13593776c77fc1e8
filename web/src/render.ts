// The one drawing pass. Whatever happened since the last animation frame - a sample, a new size, a moved pointer - is
// drawn once, in the next one; a hidden page draws nothing.
import { Palette } from './chart/palette';
import type { History } from './history';
import { duration } from './format';
import type { Panel } from './panels/panel';
import type { Strip } from './panels/strip';
import { windowMs } from './settings';
import * as state from './state';
import { lateAfterIntervals, type Phase } from './timeline';
import type { PointerPlace, Stack } from './tracks/stack';
import { type Cursor, View } from './view';

export class Renderer {
  readonly palette = new Palette();
  readonly view: View;
  stack: Stack | null = null;
  strip: Strip | null = null;
  panels: readonly Panel[] = [];

  readonly #phase: () => Phase;
  #root: HTMLElement | null = null;
  #cursor: Cursor | null = null;
  #pointer: PointerPlace | null = null;
  #scheduled = false;
  #stale = true;
  #stripSized = false;

  constructor(history: History, phase: () => Phase) {
    this.view = new View(history);
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
    const { history } = view;
    const phase = this.#phase();
    const ageMs = phase.ageMs ?? 0;
    const old = ageMs > lateAfterIntervals * history.intervalMs;
    view.pointerTrack = this.#pointer?.track ?? null;
    view.place(windowMs.value, old ? ageMs : 0, this.#cursor, performance.now());
    if (this.#cursor?.kind === 'moment' && this.#cursor.x < view.x0) {
      this.#cursor = null;
      view.place(windowMs.value, old ? ageMs : 0, null, performance.now());
    }

    if (this.#stale) {
      this.#stale = false;
      if (!this.#stripSized) {
        this.#stripSized = true;
        strip?.resize();
      }

      stack?.draw(view, axisTitle(history.intervalMs), old);
      strip?.draw(view, !old && history.newest >= 0);
      for (const panel of this.panels) {
        panel.read(view);
        panel.draw(view);
      }
    } else {
      stack?.read(view, old);
      strip?.read(view);
      for (const panel of this.panels) {
        panel.read(view);
      }
    }

    stack?.point(view, this.#pointer);
    this.#publish(old);
  }

  /** Tells the shell and the tests what was drawn. */
  #publish(old: boolean): void {
    const { view } = this;
    const { newest } = view.history;
    const shown = view.cursorX === null || view.at < 0 ? null : (view.history.t[view.at] ?? null);
    state.shownTime.value = shown;
    if (this.#root !== null && newest >= 0) {
      this.#root.dataset['seq'] = String(view.history.seq[newest] ?? '');
      this.#root.dataset['cursorSeq'] = shown === null ? '' : String(view.history.seq[view.at] ?? '');
      this.#root.dataset['old'] = String(old);
    }
  }
}

function axisTitle(intervalMs: number): string {
  const minutes = windowMs.value / 60_000;
  const step = intervalMs < 60_000 ? `${intervalMs / 1000} s` : duration(intervalMs / 1000);
  return `${minutes} min window, ${step} samples`;
}
