// The left column: all tracks under one time axis, and the lines that go through all of them.
import type { Palette } from '../chart/palette';
import { attribute, element, TextCell, toggle } from '../dom';
import { age, axisLabel, clock, duration } from '../format';
import type { History } from '../history';
import type { View } from '../view';
import type { Capability, HostInfo } from '../wire';
import { range, recorder } from '../past/now';
import type { Picture } from '../past/replay';
import { amount as bytesOf, cores, rate } from '../tables/cells';
import { cgroupName } from '../tables/cgroups';
import type { Amount, LargeUser } from '../tables/largest';
import { tracks } from './all';
import { AxisLabels } from './axis-labels';
import { TrackFrame } from './frame';
import { Tip } from './tip';
import type { MountedTrack, Note, TipLine, Track } from './track';

/** Labels of the axis nearer than this to the newest time would run into it, CSS pixels. */
const nowLabelWidth = 92;

/** Height of the time axis and of a track that only says why it is empty, CSS pixels. */
const axisHeight = 20;
const noteHeight = 33;

/** A lower plot has no label in its middle, CSS pixels. */
const lowBelow = 52;

/** Half of a label's width, and how near to the middle of the tag one would be half under it, CSS pixels. */
const halfLabel = 26;
const tagReach = 60;

/** Where the pointer is, in CSS pixels of the column, and as a share of the height of the plot below it. */
export interface PointerPlace {
  readonly track: string;
  readonly x: number;
  readonly y: number;
  /** Left edge of the plots. */
  readonly left: number;
  readonly share: number;
}

interface ShownTrack {
  readonly frame: TrackFrame;
  readonly mounted: MountedTrack;
  readonly title: string;
  readonly users: Amount | null;
}

const gestures = 'click rewinds here, drag selects';

/** In what the tip gives the amounts of processes. */
const userUnits: Readonly<Record<Amount, string>> = { cpu: 'cores', memory: 'resident', io: 'MiB/s' };

interface Place {
  readonly track: Track;
  frame: TrackFrame | null;
  mounted: MountedTrack | null;
  note: HTMLElement | null;
  noteText: string;
  visible: boolean;
}

export class Stack {
  readonly root: HTMLElement;
  readonly inner = element('div', 'tracks-inner');
  readonly overlay = element('div', 'overlay');

  /** The processes that used most of something in the second that the view is at; null when nobody looked. */
  users: (amount: Amount, view: View) => readonly LargeUser[] | null = () => null;

  /** The range that is being drawn, wall-clock times; null: the one that was selected. */
  selection: readonly [number, number] | null = null;
  /** Wall-clock time of the newest sample. */
  newest: () => number = () => Date.now();

  readonly #palette: Palette;
  readonly #places: Place[] = tracks.map((track) => {
    return { track, frame: null, mounted: null, note: null, noteText: '', visible: true };
  });
  readonly #axisTitle: TextCell;
  readonly #labels = new AxisLabels();
  readonly #nowLabel = element('span', 'now');
  readonly #nowText = new TextCell(this.#nowLabel);
  readonly #tag = element('span', 'tag');
  readonly #tagText = new TextCell(this.#tag);
  readonly #nowLine = element('div', 'now-line');
  readonly #hoverLine = element('div', 'hover-line');
  readonly #beganLine = element('div', 'began-line');
  readonly #playhead = element('div', 'playhead');
  readonly #brush = element('div', 'brush');
  readonly #tip = new Tip();
  readonly #seen: IntersectionObserver;
  #sizesKnown = false;
  #width = 0;
  #height = 0;
  #playheadPlace = 0;
  #playheadText = '';

  constructor(root: HTMLElement, palette: Palette, invalidate: () => void) {
    this.root = root;
    this.#palette = palette;
    const title = element('div', 'axis-title');
    this.#axisTitle = new TextCell(title);
    const labels = element('div', 'axis-labels', this.#labels.root, this.#nowLabel, this.#tag);
    const axis = element('div', 'axis', title, labels, element('div'));
    axis.setAttribute('aria-hidden', 'true');
    this.overlay.append(this.#beganLine, this.#brush, this.#nowLine, this.#playhead, this.#hoverLine);
    this.#playhead.hidden = this.#brush.hidden = true;
    this.#playhead.dataset['testid'] = 'playhead';
    this.#brush.dataset['testid'] = 'brush';
    this.overlay.setAttribute('aria-hidden', 'true');
    this.inner.append(axis, this.overlay, this.#tip.root);
    root.append(this.inner);
    new ResizeObserver(() => {
      this.#sizesKnown = false;
      invalidate();
    }).observe(this.inner);
    this.#seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const place = this.#places.find((item) => item.frame?.root === entry.target);
        if (place !== undefined) {
          place.visible = entry.isIntersecting;
        }
      }

      invalidate();
    });
  }

  /** Shows where the tracks will be, until it is known which of them have something to show. */
  outline(): void {
    this.#places.forEach((place) => this.#mount(place));
  }

  /** Decides anew which tracks have something to show and says of the others why not. */
  arrange(history: History, host: HostInfo, capabilities: readonly Capability[]): void {
    for (const place of this.#places) {
      const reason = place.track.absent(history, host);
      const capability = capabilities.find((item) => item.name === place.track.source && !item.available);
      if (reason === null) {
        this.#mount(place);
      } else {
        this.#unmount(place);
        this.#say(place, { reason: capability?.reason ?? reason, remedy: capability?.remedy ?? null });
      }
    }

    const least = this.#places.reduce((sum, { track, frame, note }) => {
      return sum + (frame === null ? 0 : (track.least ?? track.weight)) + (note === null ? 0 : noteHeight);
    }, axisHeight);
    this.inner.style.setProperty('--floor', String(least));
    this.#sizesKnown = false;
  }

  /** The track with an id, when it is shown. */
  find(id: string): ShownTrack | null {
    const place = this.#places.find((item) => item.track.id === id);
    const [frame, mounted] = [place?.frame ?? null, place?.mounted ?? null];
    if (place === undefined || frame === null || mounted === null) {
      return null;
    }

    return { frame, mounted, title: place.track.title, users: place.track.users ?? null };
  }

  /** Moves the keyboard focus to the next or previous track. */
  focus(step: 1 | -1): void {
    const shown = this.#places.flatMap((place) => place.frame ?? []);
    const current = shown.findIndex((frame) => frame.root.contains(document.activeElement));
    const target = shown[current < 0 ? (step > 0 ? 0 : shown.length - 1) : current + step];
    target?.root.focus();
    target?.root.scrollIntoView({ block: 'nearest' });
  }

  /** Draws the window and everything that stands on it. */
  draw(view: View, title: string, old: boolean, picture: Picture | null): void {
    this.#measure();
    for (const { mounted, visible } of this.#places) {
      if (mounted !== null && visible) {
        mounted.draw(view);
      }
    }

    this.#axisTitle.write(title);
    const newest = view.history.newest;
    const isLive = picture === null || picture.playhead === null;
    this.#nowText.write(newest < 0 || !isLive ? '' : axisLabel(view.x1 + view.offset, view.x1 - view.x0));
    this.#nowLine.hidden = newest < 0 || !isLive;
    toggle(this.#nowLabel, 'old', old);
    toggle(this.#nowLine, 'old', old);
    this.#drawTicks(view, isLive);
    const began = view.history.count > 0 ? (view.history.x[view.history.start] ?? 0) : view.x1;
    const share = picture === null ? (began - view.x0) / (view.x1 - view.x0) : 0;
    this.#beganLine.hidden = share <= 0.002;
    this.#beganLine.style.transform = `translateX(${Math.round(share * this.#width)}px)`;
    this.#drawPlayhead(view, picture?.playhead ?? null);
    this.#drawBrush(view, this.selection ?? range.value, view.offset);
  }

  /** Writes the values of a second, and moves the line and the tip there. */
  read(view: View, second: View, moment: View, old: boolean): void {
    const sequence = second.at < 0 ? null : (second.history.seq[second.at] ?? null);
    for (const { track, frame, mounted, visible } of this.#places) {
      if (frame !== null && mounted !== null && visible) {
        mounted.read(track.isPlotted ? second : moment);
        frame.describe(sequence, old && view.cursorX === null);
      }
    }

    const place = view.cursorX === null ? 0 : this.#placeOf(view, view.cursorX);
    this.#hoverLine.hidden = view.cursorX === null;
    toggle(this.#tag, 'hover', view.cursorX !== null);
    this.#tag.hidden = view.cursorX === null && this.#playhead.hidden;
    if (this.#tag.hidden) {
      this.#labels.cover(null);
    }

    if (view.cursorX !== null) {
      this.#hoverLine.style.transform = `translateX(${Math.round(place)}px)`;
      this.#tagAt(place, axisLabel(view.cursorX + view.offset, 0));
    } else if (!this.#playhead.hidden) {
      this.#tagAt(this.#playheadPlace, this.#playheadText);
    }
  }

  /** The place in time at which a track was highest in a part of the window; null when it had no value there. */
  peak(view: View, track: string, x0: number, x1: number): number | null {
    const { mounted = null } = this.find(track) ?? {};
    const { history } = view;
    let [best, most] = [-1, -Infinity];
    for (let i = history.firstAtOrAfter(x0); i < history.end && (history.x[i] ?? Infinity) <= x1; i++) {
      const level = mounted?.level(view, i) ?? NaN;
      if (level > most) {
        [best, most] = [i, level];
      }
    }

    return best < 0 ? null : (history.x[best] ?? null);
  }

  #placeOf(view: View, x: number): number {
    return ((x - view.x0) / (view.x1 - view.x0)) * this.#width;
  }

  #tagAt(place: number, text: string): void {
    const middle = Math.min(this.#width - halfLabel, Math.max(halfLabel, Math.round(place)));
    this.#tag.style.transform = `translateX(calc(${middle}px - 50%))`;
    this.#tagText.write(text);
    this.#labels.cover([middle - tagReach, middle + tagReach]);
  }

  #drawPlayhead(view: View, playhead: number | null): void {
    this.#playhead.hidden = playhead === null;
    if (playhead !== null) {
      this.#playheadPlace = this.#placeOf(view, playhead);
      this.#playheadText = clock(playhead);
      this.#playhead.style.transform = `translateX(${Math.round(this.#playheadPlace)}px)`;
    }
  }

  /** The selected range; `times` are wall-clock times. */
  #drawBrush(view: View, times: readonly [number, number] | null, offset: number): void {
    this.#brush.hidden = times === null;
    if (times !== null) {
      const [from, to] = times.map((t) => Math.round(this.#placeOf(view, t - offset))) as [number, number];
      this.#brush.style.transform = `translateX(${from}px)`;
      this.#brush.style.width = `${Math.max(1, to - from)}px`;
    }
  }

  /** Shows what the gutter cannot, beside the pointer; null hides it. */
  point(view: View, where: PointerPlace | null): void {
    const target = view.pointerTrack === null ? null : this.find(view.pointerTrack);
    if (where === null || target === null || view.cursorX === null) {
      this.#tip.hide();
      return;
    }

    const line = target.mounted.tip?.(view, where.share) ?? null;
    const largest = target.users === null || view.at < 0 ? null : this.users(target.users, view);
    const ago = Math.max(0, this.newest() - view.cursorX - view.offset);
    const when = ago < view.history.intervalMs ? 'newest sample' : `${duration(Math.round(ago / 1000))} ago`;
    const isRecorded = recorder.value !== null;
    const unit = target.users === null || largest === null ? '' : `${userUnits[target.users]} · `;
    this.#tip.show({
      title: target.title,
      time: clock(view.cursorX + view.offset),
      value: view.at < 0 ? 'no data' : target.frame.headline,
      lines: [...(line === null ? [] : [line]), ...(largest ?? []).map((user) => userLine(user, target.users))],
      foot: view.at < 0 ? `nobody measured here · ${age(ago)} ago` : unit + (isRecorded ? gestures : when),
    });
    this.#tip.place(where.x, where.y, this.#width + where.left, this.#height);
  }

  #mount(place: Place): void {
    place.note?.remove();
    place.note = null;
    if (place.frame !== null) {
      return;
    }

    place.frame = new TrackFrame(place.track);
    this.#insert(place, place.frame.root);
    place.mounted = place.track.mount(place.frame, this.#palette);
    this.#seen.observe(place.frame.root);
  }

  #unmount(place: Place): void {
    if (place.frame !== null) {
      this.#seen.unobserve(place.frame.root);
      place.mounted?.unmount();
      place.frame.root.remove();
      place.frame = place.mounted = null;
      place.visible = true;
    }
  }

  #say(place: Place, note: Note): void {
    const text = `${note.reason} ${note.remedy ?? ''}`;
    if (place.note !== null && place.noteText === text) {
      return;
    }

    place.note?.remove();
    place.note = null;
    if (note.reason === '') {
      return;
    }

    const words = element('p', 'note-text', note.reason);
    if (note.remedy !== null) {
      words.append(element('code', 'mono', note.remedy));
    }

    const heading = element('div', 'head', element('h2', 'title', place.track.title));
    place.note = element('section', 'track note', element('div', 'gutter', heading), words);
    place.note.dataset['testid'] = `track-${place.track.id}-absent`;
    place.noteText = text;
    this.#insert(place, place.note);
  }

  #insert(place: Place, node: HTMLElement): void {
    const after = this.#places.slice(this.#places.indexOf(place) + 1);
    const next = after.map((item) => item.frame?.root ?? item.note).find((item) => item !== null && item !== undefined);
    this.inner.insertBefore(node, next ?? this.overlay);
  }

  #measure(): void {
    if (this.#sizesKnown) {
      return;
    }

    this.#sizesKnown = true;
    this.#width = this.overlay.clientWidth;
    this.#height = this.inner.clientHeight;
    // All sizes are read before any is set, so that the browser lays the page out once.
    const widths = this.#places.map(({ frame }) => frame?.plot.clientWidth ?? 0);
    const heights = this.#places.map(({ frame }) => frame?.plot.clientHeight ?? 0);
    this.#places.forEach(({ frame, mounted }, i) => {
      mounted?.resize(widths[i] ?? 0, heights[i] ?? 0);
      if (frame !== null) {
        toggle(frame.root, 'low', (heights[i] ?? 0) < lowBelow);
      }
    });
  }

  #drawTicks(view: View, isLive: boolean): void {
    const width = this.#width;
    this.#labels.write(view.verticals
      .map((x) => ({ at: this.#placeOf(view, x), text: axisLabel(x + view.offset, view.x1 - view.x0) }))
      .filter(({ at }) => at > halfLabel && at < width - (isLive ? nowLabelWidth : halfLabel)));
    attribute(this.inner, 'data-window', String(Math.round(view.x1 - view.x0)));
  }
}

function userLine({ name, cgroup, value }: LargeUser, amount: Amount | null): TipLine {
  const text = amount === 'cpu' ? cores(value) : amount === 'io' ? rate(value) : bytesOf(value);
  return { label: name, detail: cgroup === null ? '' : cgroupName(cgroup), value: text };
}
