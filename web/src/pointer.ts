// The pointer over the tracks: it only reads. Nothing that it does pauses or moves time.
import type { Renderer } from './render';
import type { PointerPlace, Stack } from './tracks/stack';

/** Makes the pointer move the line through all tracks; returns what undoes it. */
export function followPointer(stack: Stack, renderer: Renderer): () => void {
  const { inner, overlay } = stack;
  let held: 'mouse' | 'touch' | null = null;

  const move = (event: PointerEvent): void => {
    const lines = overlay.getBoundingClientRect();
    const share = (event.clientX - lines.left) / lines.width;
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('.track') : null;
    const track = target?.dataset['track'];
    if (share < 0 || share > 1 || track === undefined) {
      leave();
      return;
    }

    const box = inner.getBoundingClientRect();
    const plot = stack.find(track)?.frame.plot.getBoundingClientRect();
    const place: PointerPlace = {
      track,
      x: event.clientX - box.left,
      y: event.clientY - box.top,
      left: lines.left - box.left,
      share: plot === undefined ? 0 : Math.min(0.999, Math.max(0, (event.clientY - plot.top) / plot.height)),
    };
    held = event.pointerType === 'mouse' ? 'mouse' : 'touch';
    renderer.point({ kind: 'place', share }, place);
  };
  const leave = (): void => {
    if (held !== null) {
      held = null;
      renderer.point(null, null);
    }
  };
  // A finger that has gone leaves the line where it was, so that the values can be read; a tap elsewhere ends it.
  const leaveMouse = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse') {
      leave();
    }
  };
  const outside = (event: PointerEvent): void => {
    if (event.target instanceof Node && !inner.contains(event.target)) {
      leave();
    }
  };

  inner.addEventListener('pointermove', move);
  inner.addEventListener('pointerdown', move);
  inner.addEventListener('pointerleave', leaveMouse);
  document.addEventListener('pointerdown', outside);
  return () => {
    inner.removeEventListener('pointermove', move);
    inner.removeEventListener('pointerdown', move);
    inner.removeEventListener('pointerleave', leaveMouse);
    document.removeEventListener('pointerdown', outside);
  };
}
