import type { View } from '../view';

/** A part of the right column that changes with each sample. */
export interface Panel {
  readonly root: HTMLElement;
  /** Draws what depends on the window. */
  draw(view: View): void;
  /** Writes the values of the second that the view is at. */
  read(view: View): void;
}
