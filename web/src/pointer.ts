// The pointer over the tracks. Moving only reads: it neither pauses nor moves time. A click goes to a second of the
// past, a drag selects a range of it.
import { leastRange, type Replay } from './past/replay';
import { recorder } from './past/now';
import { zoomBy } from './past/strip-pointer';
import type { Renderer } from './render';
import * as choices from './tables/choices';
import type { Amount } from './tables/largest';
import type { PointerPlace, Stack } from './tracks/stack';

/** A pointer that moves less than this clicks, CSS pixels. */
const clickReach = 4;

/** How much a notch of the wheel zooms. */
const wheelStep = 1.25;

interface Press {
  readonly track: string;
  readonly startX: number;
  readonly from: number;
  readonly isMouse: boolean;
}

/** What the table is sorted by when a track was clicked whose processes are compared by an amount. */
export function sortFor(amount: Amount | null): void {
  if (amount !== null && choices.sort.value.by !== amount) {
    choices.sort.value = { by: amount, descending: true };
  }
}

/** Makes the pointer move the line through all tracks; returns what undoes it. */
export function followPointer(stack: Stack, renderer: Renderer, going: Replay): () => void {
  return new TrackPointer(stack, renderer, going).bind();
}

class TrackPointer {
  readonly #stack: Stack;
  readonly #renderer: Renderer;
  readonly #going: Replay;
  #held: 'mouse' | 'touch' | null = null;
  #press: Press | null = null;

  constructor(stack: Stack, renderer: Renderer, going: Replay) {
    this.#stack = stack;
    this.#renderer = renderer;
    this.#going = going;
  }

  bind(): () => void {
    const { inner } = this.#stack;
    const stop = new AbortController();
    const { signal } = stop;
    inner.addEventListener('pointermove', (event) => this.#move(event), { signal });
    inner.addEventListener('pointerdown', (event) => this.#down(event), { signal });
    inner.addEventListener('pointerup', (event) => this.#up(event), { signal });
    inner.addEventListener('pointercancel', () => this.#drop(), { signal });
    // A finger that has gone leaves the line where it was, so that the values can be read; a tap elsewhere ends it.
    inner.addEventListener('pointerleave', (event) => event.pointerType === 'mouse' && this.#leave(), { signal });
    inner.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false });
    document.addEventListener('pointerdown', (event) => {
      if (event.target instanceof Node && !inner.contains(event.target)) {
        this.#leave();
      }
    }, { signal });
    return () => stop.abort();
  }

  /** Wall-clock time at a place of the screen; NaN beside the plots. */
  #timeAt(clientX: number): number {
    const { view } = this.#renderer;
    const box = this.#stack.overlay.getBoundingClientRect();
    const share = (clientX - box.left) / box.width;
    return share < 0 || share > 1 ? NaN : view.x0 + share * (view.x1 - view.x0) + view.offset;
  }

  #move(event: PointerEvent): void {
    const press = this.#press;
    if (press !== null && press.isMouse && Math.abs(event.clientX - press.startX) >= clickReach) {
      const time = this.#timeAt(event.clientX);
      if (!Number.isNaN(time)) {
        this.#stack.selection = [Math.min(press.from, time), Math.max(press.from, time)];
        this.#renderer.redraw();
      }
    }

    this.#hover(event);
  }

  #hover(event: PointerEvent): void {
    const { inner, overlay } = this.#stack;
    const lines = overlay.getBoundingClientRect();
    const share = (event.clientX - lines.left) / lines.width;
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('.track') : null;
    const track = target?.dataset['track'];
    if (share < 0 || share > 1 || track === undefined) {
      this.#leave();
      return;
    }

    const box = inner.getBoundingClientRect();
    const plot = this.#stack.find(track)?.frame.plot.getBoundingClientRect();
    const place: PointerPlace = {
      track,
      x: event.clientX - box.left,
      y: event.clientY - box.top,
      left: lines.left - box.left,
      share: plot === undefined ? 0 : Math.min(0.999, Math.max(0, (event.clientY - plot.top) / plot.height)),
    };
    this.#held = event.pointerType === 'mouse' ? 'mouse' : 'touch';
    this.#renderer.point({ kind: 'place', share }, place);
  }

  #down(event: PointerEvent): void {
    this.#hover(event);
    const track = event.target instanceof Element ? event.target.closest<HTMLElement>('.track') : null;
    const from = this.#timeAt(event.clientX);
    if (event.button === 0 && recorder.value !== null && track !== null && !Number.isNaN(from)) {
      const isMouse = event.pointerType === 'mouse';
      this.#press = { track: track.dataset['track'] ?? '', startX: event.clientX, from, isMouse };
    }
  }

  #up(event: PointerEvent): void {
    const press = this.#press;
    const selected = this.#stack.selection;
    this.#drop();
    if (press === null) {
      return;
    }

    const { view } = this.#renderer;
    if (selected !== null && selected[1] - selected[0] >= leastRange) {
      sortFor(this.#stack.find(press.track)?.users ?? null);
      const [from, to] = selected;
      const peak = this.#stack.peak(view, press.track, from - view.offset, to - view.offset);
      this.#going.select(from, to, peak === null ? (from + to) / 2 : view.history.momentOf(view.history.nearest(peak)));
    } else if (Math.abs(event.clientX - press.startX) < clickReach) {
      sortFor(this.#stack.find(press.track)?.users ?? null);
      this.#enter(press.from);
    }

    if (!press.isMouse) {
      this.#leave();
    }
  }

  /** Goes to the sample that stands at a time, not to the one that ended before it. */
  #enter(time: number): void {
    const { view } = this.#renderer;
    const { history } = view;
    const index = history.nearest(time - view.offset);
    this.#going.enter(index < 0 ? time : history.momentOf(index), true);
  }

  #drop(): void {
    this.#press = null;
    if (this.#stack.selection !== null) {
      this.#stack.selection = null;
      this.#renderer.redraw();
    }
  }

  #leave(): void {
    if (this.#held !== null) {
      this.#held = null;
      this.#renderer.point(null, null);
    }
  }

  #wheel(event: WheelEvent): void {
    const time = this.#timeAt(event.clientX);
    if ((event.ctrlKey || event.metaKey) && recorder.value !== null && !Number.isNaN(time)) {
      event.preventDefault();
      zoomBy(this.#going, event.deltaY > 0 ? wheelStep : 1 / wheelStep, time);
    }
  }
}
