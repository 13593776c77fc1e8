import type { Palette } from '../chart/palette';
import type { History } from '../history';
import type { Amount } from '../tables/largest';
import type { View } from '../view';
import type { HostInfo } from '../wire';
import type { TrackFrame } from './frame';

/** What a source says about itself on a machine that does not have it, in words for people. */
export interface Note {
  readonly reason: string;
  readonly remedy: string | null;
}

/** One column of a track's table of numbers. */
export interface NumberColumn {
  readonly name: string;
  readonly unit: string;
  /** The value of the sample at an index of the history, as text without its unit. */
  text(index: number): string;
}

/** A line of the tip at the pointer. */
export interface TipLine {
  readonly label: string;
  /** Quieter, after the label. */
  readonly detail?: string;
  readonly value: string;
}

export interface MountedTrack {
  /** Draws the window. */
  draw(view: View): void;
  /** Writes the values of the second that the view is at; called after `draw`, and alone while the pointer moves. */
  read(view: View): void;
  /** Follows a new size of the plot, CSS pixels. */
  resize(width: number, height: number): void;
  unmount(): void;
  /** What makes the track high or low at an index of the view's history; NaN when missing. */
  level(view: View, index: number): number;
  /** The columns of its table of numbers, of the history that was drawn last. */
  numbers(): readonly NumberColumn[];
  /** What the tip says beyond the headline, at a share of the plot's height from its top. */
  tip?(view: View, share: number): TipLine | null;
}

/** One kind of thing over time. */
export interface Track {
  readonly id: string;
  readonly title: string;
  /** Metrics that are drawn; only metrics that some track needs are kept by the page. */
  readonly needs: readonly string[];
  /** Collector whose reason is shown when there is nothing to draw. */
  readonly source: string;
  /** Whether it is drawn over time; otherwise it only shows the moment that the page stands at. */
  readonly isPlotted: boolean;
  /** What its tip compares processes by; none where the kernel does not say which process it was. */
  readonly users?: Amount;
  /** Share of the height; in CSS pixels on a screen of 900. */
  readonly weight: number;
  /** The lowest height at which the legend still fits, CSS pixels; the weight if not given. */
  readonly least?: number;
  /**
   * Why there is nothing to draw, or null when there is something. An empty text: nothing to say either, unless the
   * source itself gives a reason.
   */
  absent(history: History, host: HostInfo): string | null;
  mount(frame: TrackFrame, palette: Palette): MountedTrack;
}
