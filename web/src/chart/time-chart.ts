// Layers of samples over time in one canvas: areas, gaps, grid, reference lines.
import { drawGrid, Hatching, type Spans } from './backdrop';
import type { Palette, Token } from './palette';
import { type AreaShape, traceArea } from './paths';
import { Surface } from './surface';

/** One series of a chart, bottom to top. */
export interface Layer {
  readonly colour: Token;
  /** Index of the layer on which this one stands; none: it stands on zero. Lines have no area. */
  readonly base?: number;
  readonly kind: 'area' | 'line';
  /** Opacity of the area, multiplied with the theme's; 1 if not given. */
  readonly weight?: number;
}

/** A named level, dashed across the plot. */
export interface Reference {
  readonly value: number;
  readonly colour: Token;
}

/** Between which values the samples lay that a point stands for. */
export interface Envelope {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly colour: Token;
}

export interface ChartFrame {
  readonly x: Float64Array;
  /** One array a layer, as long as `x`. */
  readonly rows: readonly Float64Array[];
  readonly breaks: Uint8Array;
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly verticals: readonly number[];
  /** Values at which horizontal hairlines lie. */
  readonly horizontals: readonly number[];
  readonly missing: Spans;
  readonly references: readonly Reference[];
  /** Drawn over the areas; none where each point is one sample. */
  readonly envelopes?: readonly Envelope[];
}

const outline = 1.25;

/** Opacity of an envelope. */
const envelopeFill = 0.28;

/** Draws layers of samples over time into one canvas that fills its parent. */
export class TimeChart {
  readonly #surface: Surface;
  readonly #layers: readonly Layer[];
  readonly #palette: Palette;
  readonly #hatching = new Hatching();

  constructor(parent: HTMLElement, layers: readonly Layer[], palette: Palette) {
    this.#surface = new Surface(parent);
    this.#layers = layers;
    this.#palette = palette;
  }

  /** Follows the size of the parent, CSS pixels. */
  resize(width: number, height: number): void {
    this.#surface.resize(width, height);
  }

  draw(frame: ChartFrame): void {
    if (!this.#surface.begin()) {
      return;
    }

    const { context, width, height, ratio } = this.#surface;
    const toX = linear(frame.x0, frame.x1, 0, width);
    const toY = linear(frame.y0, frame.y1, height, 0);
    drawGrid(context, this.#palette, ratio, frame.verticals, frame.horizontals.map(toY), toX);
    this.#hatching.draw(context, this.#palette, ratio, frame.missing, toX, 0, height);
    context.lineJoin = 'round';
    context.lineWidth = outline * ratio;
    this.#layers.forEach((layer, i) => this.#drawLayer(frame, layer, i, toX, toY));
    frame.envelopes?.forEach((envelope) => this.#drawEnvelope(frame, envelope, toX, toY));
    this.#drawReferences(frame, toY);
  }

  destroy(): void {
    this.#surface.destroy();
  }

  #drawLayer(frame: ChartFrame, layer: Layer, index: number, toX: Place, toY: Place): void {
    const upper = frame.rows[index];
    if (upper === undefined) {
      return;
    }

    const { context } = this.#surface;
    const stroke = new Path2D();
    const fill = layer.kind === 'area' ? new Path2D() : null;
    const lower = layer.base === undefined ? null : (frame.rows[layer.base] ?? null);
    const shape: AreaShape = { x: frame.x, upper, lower, breaks: frame.breaks, count: frame.x.length, toX, toY };
    traceArea(shape, fill, stroke);
    if (fill !== null) {
      context.fillStyle = this.#palette.css(layer.colour, this.#palette.fill * (layer.weight ?? 1));
      context.fill(fill);
    }

    context.strokeStyle = this.#palette.css(layer.colour);
    context.stroke(stroke);
  }

  #drawEnvelope(frame: ChartFrame, { low, high, colour }: Envelope, toX: Place, toY: Place): void {
    const { context } = this.#surface;
    const fill = new Path2D();
    const { x, breaks } = frame;
    traceArea({ x, upper: high, lower: low, breaks, count: x.length, toX, toY }, fill, null);
    context.fillStyle = this.#palette.css(colour, envelopeFill);
    context.fill(fill);
  }

  #drawReferences({ references }: ChartFrame, toY: Place): void {
    const { context, ratio } = this.#surface;
    context.save();
    context.setLineDash([4 * ratio, 3 * ratio]);
    context.lineWidth = ratio;
    for (const reference of references) {
      const y = Math.round(toY(reference.value)) + 0.5;
      context.strokeStyle = this.#palette.css(reference.colour);
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(context.canvas.width, y);
      context.stroke();
    }

    context.restore();
  }
}

type Place = (value: number) => number;

function linear(from: number, to: number, low: number, high: number): Place {
  const factor = (high - low) / (to - from);
  return (value) => low + (value - from) * factor;
}
