// The pointer on the recorder strip: a click goes there, the window can be moved and stretched, a drag beside it
// selects a range.
import { nextSpan, type Strip } from '../panels/strip';
import { stripMs, windowMs } from '../settings';
import { leastWindow } from '../state';
import { replay } from './now';
import { leastRange, type Replay } from './replay';

/** How near to an edge of the window its grip is taken, CSS pixels. */
const gripReach = 7;

/** A pointer that moves less than this clicks, CSS pixels. */
const clickReach = 4;

type Grab = 'left' | 'right' | 'window' | 'outside';

interface Drag {
  readonly grab: Grab;
  readonly startX: number;
  readonly from: number;
  readonly window: readonly [number, number];
  isMoving: boolean;
}

/** Lets the pointer act; returns what undoes it. */
export function bindStrip(
  strip: Strip,
  going: Replay,
  isRecorded: () => boolean,
  peakIn: (from: number, to: number) => number,
): () => void {
  const { plot } = strip;
  let drag: Drag | null = null;

  const grabAt = (clientX: number): Grab => {
    const box = plot.getBoundingClientRect();
    const place = (t: number): number => box.left + ((t - strip.x0) / (strip.x1 - strip.x0)) * box.width;
    const [left, right] = [place(strip.window[0]), place(strip.window[1])];
    const isWide = right - left > 4 * gripReach;
    if (Math.abs(clientX - left) <= gripReach) {
      return 'left';
    }

    if (isWide && Math.abs(clientX - right) <= gripReach && replay.value !== null) {
      return 'right';
    }

    return clientX > left && clientX < right ? 'window' : 'outside';
  };
  const begin = (event: PointerEvent): void => {
    if (event.button === 0 && isRecorded()) {
      const { clientX } = event;
      const [grab, from] = [grabAt(clientX), strip.timeAt(clientX)];
      drag = { grab, startX: clientX, from, window: strip.window, isMoving: false };
      plot.setPointerCapture(event.pointerId);
    }
  };
  const move = (event: PointerEvent): void => {
    if (drag === null) {
      plot.dataset['grab'] = isRecorded() ? grabAt(event.clientX) : '';
      return;
    }

    drag.isMoving ||= Math.abs(event.clientX - drag.startX) >= clickReach;
    if (drag.isMoving) {
      const time = strip.timeAt(event.clientX);
      const [from, to] = drag.window;
      if (drag.grab === 'window') {
        going.pan(from + time - drag.from);
      } else if (drag.grab === 'left') {
        going.zoom(Math.max(leastWindow, to - time), to);
      } else if (drag.grab === 'right') {
        going.zoom(Math.max(leastWindow, time - from), from);
      }
    }
  };
  const end = (event: PointerEvent): void => {
    if (drag === null) {
      return;
    }

    const { grab, isMoving, from } = drag;
    drag = null;
    const time = strip.timeAt(event.clientX);
    if (!isMoving) {
      going.enter(time, true);
    } else if (grab === 'outside' && Math.abs(time - from) >= leastRange) {
      const [first, last] = [Math.min(time, from), Math.max(time, from)];
      going.select(first, last, peakIn(first, last));
      going.frame(first, last);
    }
  };
  const cancel = (): void => {
    drag = null;
  };
  const wheel = (event: WheelEvent): void => {
    if (isRecorded() && event.deltaY !== 0) {
      event.preventDefault();
      stripMs.value = nextSpan(event.deltaY > 0 ? 1 : -1, false);
    }
  };
  plot.addEventListener('pointerdown', begin);
  plot.addEventListener('pointermove', move);
  plot.addEventListener('pointerup', end);
  plot.addEventListener('pointercancel', cancel);
  plot.addEventListener('wheel', wheel, { passive: false });
  return () => {
    plot.removeEventListener('pointerdown', begin);
    plot.removeEventListener('pointermove', move);
    plot.removeEventListener('pointerup', end);
    plot.removeEventListener('pointercancel', cancel);
    plot.removeEventListener('wheel', wheel);
  };
}

/** Zooms the tracks' window one step in or out around a time. */
export function zoomBy(going: Replay, factor: number, around: number): void {
  going.zoom(windowMs.value * factor, around);
}
