// The recorder strip: CPU as a silhouette, three lanes of stall below it, marks of what happened above it, and the
// window of the tracks.
import { Hatching, type Spans } from './backdrop';
import type { Palette, Token } from './palette';
import { traceArea } from './paths';
import { Surface } from './surface';

/** Samples or buckets over time, oldest first. */
export interface StripRows {
  readonly x: Float64Array;
  /** 1 where time is missing between a place and the one before it. */
  readonly breaks: Uint8Array;
  /** Largest and average share of the CPUs that was busy, 0 to 1. */
  readonly most: Float64Array;
  readonly average: Float64Array;
  /** Shares of time in which some task waited: for CPU, memory, I/O. */
  readonly stalls: readonly [Float64Array, Float64Array, Float64Array];
  readonly count: number;
  /** Width of a bucket, ms. */
  readonly step: number;
}

export type MarkShape = 'triangle' | 'square' | 'circle' | 'bar';

export interface Mark {
  readonly x: number;
  readonly shape: MarkShape;
  readonly colour: Token;
}

export interface StripFrame {
  readonly rows: StripRows;
  readonly x0: number;
  readonly x1: number;
  /** The window of the tracks. */
  readonly window: readonly [number, number];
  readonly range: readonly [number, number] | null;
  readonly playhead: number | null;
  readonly missing: Spans;
  readonly marks: readonly Mark[];
  readonly mode: 'live' | 'replay' | 'old';
}

/** What lies outside of the window recedes. */
const outside = 0.55;

/** Heights from the top, CSS pixels: marks, silhouette, and each of three lanes with the gap above it. */
const marksHeight = 10;
const laneHeight = 3;
const laneGap = 1;

/** A stall of this share of the time is drawn in full. */
const fullStall = 0.4;

/** Half the size of a mark, and the size of the window's grips, CSS pixels. */
const markHalf = 3.5;
const gripWidth = 5;
const gripHeight = 14;

const laneColours: readonly Token[] = ['user', 'memory', 'disk'];
const modeColours = { live: 'live', replay: 'attn-g', old: 'text3' } as const;

export class StripChart {
  readonly #surface: Surface;
  readonly #palette: Palette;
  readonly #hatching = new Hatching();

  constructor(parent: HTMLElement, palette: Palette) {
    this.#surface = new Surface(parent);
    this.#palette = palette;
  }

  resize(width: number, height: number): void {
    this.#surface.resize(width, height);
  }

  draw(frame: StripFrame): void {
    if (!this.#surface.begin()) {
      return;
    }

    const { context, width, height, ratio } = this.#surface;
    const toX = (x: number): number => ((x - frame.x0) / (frame.x1 - frame.x0)) * width;
    const low = height - 3 * (laneHeight + laneGap) * ratio;
    this.#hatching.draw(context, this.#palette, ratio, frame.missing, toX, marksHeight * ratio, height);
    this.#drawSilhouette(frame, toX, low);
    this.#drawLanes(frame, toX, low);
    this.#drawMarks(frame.marks, toX);
    if (frame.range !== null) {
      const [from, to] = [toX(frame.range[0]), toX(frame.range[1])];
      context.fillStyle = this.#palette.css('attn-g', 0.14);
      context.fillRect(from, 0, Math.max(ratio, to - from), height);
    }

    this.#drawWindow(frame, toX);
    if (frame.playhead !== null) {
      context.fillStyle = this.#palette.css('attn-g');
      context.fillRect(Math.round(toX(frame.playhead) - ratio), 0, 2 * ratio, height);
    }
  }

  #drawSilhouette({ rows, window }: StripFrame, toX: (x: number) => number, low: number): void {
    const { width, ratio } = this.#surface;
    const top = marksHeight * ratio;
    const toY = (value: number): number => low - Math.min(1, value) * (low - top);
    const { x, breaks, count } = rows;
    const [most, average, edge] = [new Path2D(), new Path2D(), new Path2D()];
    traceArea({ x, breaks, count, upper: rows.most, lower: null, toX, toY }, most, edge);
    traceArea({ x, breaks, count, upper: rows.average, lower: null, toX, toY }, average, null);
    const [left, right] = [toX(window[0]), toX(window[1])];
    const parts = [[0, left, outside], [left, right, 1], [right, width, outside]] as const;
    const { context } = this.#surface;
    for (const [from, to, alpha] of parts) {
      context.save();
      context.beginPath();
      context.rect(from, 0, Math.max(0, to - from), low);
      context.clip();
      context.fillStyle = this.#palette.css('user', 0.28 * alpha);
      context.fill(most);
      context.fillStyle = this.#palette.css('user', this.#palette.fill * alpha);
      context.fill(average);
      context.strokeStyle = this.#palette.css('user', alpha);
      context.lineWidth = ratio;
      context.lineJoin = 'round';
      context.stroke(edge);
      context.restore();
    }
  }

  #drawLanes({ rows }: StripFrame, toX: (x: number) => number, low: number): void {
    const { context, width, ratio } = this.#surface;
    rows.stalls.forEach((stalls, lane) => {
      const colour = laneColours[lane] ?? 'user';
      const y = Math.round(low + (laneGap + lane * (laneHeight + laneGap)) * ratio);
      context.fillStyle = this.#palette.css(colour, 0.08);
      context.fillRect(0, y, width, laneHeight * ratio);
      for (let i = 0; i < rows.count; i++) {
        const stall = stalls[i] ?? NaN;
        if (stall > 0.01) {
          const [from, to] = [toX((rows.x[i] ?? 0) - rows.step / 2), toX((rows.x[i] ?? 0) + rows.step / 2)];
          context.fillStyle = this.#palette.css(colour, Math.min(1, 0.15 + (0.85 * stall) / fullStall));
          context.fillRect(Math.floor(from), y, Math.max(1, Math.ceil(to) - Math.floor(from)), laneHeight * ratio);
        }
      }
    });
  }

  /** Where marks would cover each other, one stands for all of them, the most serious. */
  #drawMarks(marks: readonly Mark[], toX: (x: number) => number): void {
    const apart = 2 * markHalf * this.#surface.ratio;
    let group: { mark: Mark; x: number } | null = null;
    for (const mark of marks) {
      const x = toX(mark.x);
      if (group !== null && x - group.x < apart) {
        group.mark = isSerious(mark) && !isSerious(group.mark) ? mark : group.mark;
        continue;
      }

      if (group !== null) {
        this.#drawMark(group.mark, group.x);
      }

      group = { mark, x };
    }

    if (group !== null) {
      this.#drawMark(group.mark, group.x);
    }
  }

  #drawMark({ shape, colour }: Mark, x: number): void {
    const { context, height, ratio } = this.#surface;
    const [half, y] = [markHalf * ratio, 5 * ratio];
    context.fillStyle = this.#palette.css(colour, 0.35);
    context.fillRect(Math.round(x), y + half, ratio, height - y - half);
    context.fillStyle = this.#palette.css(colour);
    context.beginPath();
    switch (shape) {
      case 'triangle':
        context.moveTo(x, y - half);
        context.lineTo(x + half, y + half);
        context.lineTo(x - half, y + half);
        break;
      case 'square':
        context.rect(x - half, y - half, 2 * half, 2 * half);
        break;
      case 'circle':
        context.arc(x, y, 0.75 * half, 0, 2 * Math.PI);
        break;
      case 'bar':
        context.rect(x - 1.3 * half, y - ratio, 2.6 * half, 2 * ratio);
        break;
    }

    context.fill();
  }

  #drawWindow({ window, mode }: StripFrame, toX: (x: number) => number): void {
    const { context, width, height, ratio } = this.#surface;
    const line = Math.max(1, Math.round(ratio));
    const left = Math.max(0, toX(window[0]));
    const right = Math.min(width, Math.max(left + 4 * ratio, toX(window[1])));
    context.strokeStyle = context.fillStyle = this.#palette.css(modeColours[mode]);
    context.lineWidth = 2 * line;
    context.strokeRect(left + line, line, right - left - 2 * line, height - 2 * line);
    const y = (height - gripHeight * ratio) / 2;
    for (const x of [left, right - gripWidth * ratio]) {
      context.beginPath();
      context.roundRect(x, y, gripWidth * ratio, gripHeight * ratio, 2 * ratio);
      context.fill();
    }
  }
}

function isSerious({ colour }: Mark): boolean {
  return colour !== 'text3';
}
