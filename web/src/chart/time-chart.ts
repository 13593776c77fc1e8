// The adapter to uPlot: it gives scales, pixel ratio and redraw; areas, grid, gaps and reference lines are ours.
import uPlot from 'uplot';
import { drawGrid, Hatching, type Spans } from './backdrop';
import type { Palette, Token } from './palette';
import { type AreaShape, traceArea } from './paths';

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
}

const outline = 1.25;

/** Draws layers of samples over time into one canvas that fills its parent. */
export class TimeChart {
  readonly #plot: uPlot;
  readonly #palette: Palette;
  readonly #hatching = new Hatching();
  #frame: ChartFrame | null = null;

  constructor(parent: HTMLElement, layers: readonly Layer[], palette: Palette) {
    this.#palette = palette;
    const series: uPlot.Series[] = [{}, ...layers.map((layer) => this.#series(layer))];
    const empty = Array.from({ length: layers.length + 1 }, () => new Float64Array(0)) as unknown as uPlot.AlignedData;
    this.#plot = new uPlot(
      {
        width: Math.max(1, parent.clientWidth),
        height: Math.max(1, parent.clientHeight),
        padding: [0, 0, 0, 0],
        axes: [{ show: false }, { show: false }],
        legend: { show: false },
        cursor: { show: false },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: false, auto: false, range: (_, min, max) => [min ?? 0, max ?? 1] },
          y: { auto: false, range: (_, min, max) => [min ?? 0, max ?? 1] },
        },
        series,
        hooks: { drawClear: [(plot) => this.#drawBehind(plot)], draw: [(plot) => this.#drawBefore(plot)] },
      },
      empty,
      parent,
    );
    this.#plot.root.setAttribute('aria-hidden', 'true');
  }

  /** Follows the size of the parent, CSS pixels. */
  resize(width: number, height: number): void {
    if (width > 0 && height > 0 && (width !== this.#plot.width || height !== this.#plot.height)) {
      this.#plot.setSize({ width, height });
    }
  }

  draw(frame: ChartFrame): void {
    this.#frame = frame;
    const data = [frame.x, ...frame.rows] as unknown as uPlot.AlignedData;
    this.#plot.batch(() => {
      this.#plot.setData(data, false);
      this.#plot.setScale('x', { min: frame.x0, max: frame.x1 });
      this.#plot.setScale('y', { min: frame.y0, max: frame.y1 });
      this.#plot.redraw(true, false);
    });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #series(layer: Layer): uPlot.Series {
    return {
      width: outline,
      pxAlign: 0,
      points: { show: false },
      stroke: () => this.#palette.css(layer.colour),
      fill: () => this.#palette.css(layer.colour, this.#palette.fill * (layer.weight ?? 1)),
      paths: (plot, index) => this.#paths(plot, layer, index),
    };
  }

  #paths(plot: uPlot, layer: Layer, index: number): uPlot.Series.Paths | null {
    const frame = this.#frame;
    const upper = frame?.rows[index - 1];
    if (frame === null || upper === undefined) {
      return null;
    }

    const stroke = new Path2D();
    const fill = layer.kind === 'area' ? new Path2D() : null;
    const shape: AreaShape = {
      x: frame.x,
      upper,
      lower: layer.base === undefined ? null : (frame.rows[layer.base] ?? null),
      breaks: frame.breaks,
      count: frame.x.length,
      toX: linear(frame.x0, frame.x1, plot.bbox.left, plot.bbox.left + plot.bbox.width),
      toY: linear(frame.y0, frame.y1, plot.bbox.top + plot.bbox.height, plot.bbox.top),
    };
    traceArea(shape, fill, stroke);
    return { stroke, fill, flags: 3 };
  }

  #drawBehind(plot: uPlot): void {
    const frame = this.#frame;
    if (frame === null) {
      return;
    }

    const { left, top, width, height } = plot.bbox;
    const toX = linear(frame.x0, frame.x1, left, left + width);
    const toY = linear(frame.y0, frame.y1, top + height, top);
    // uPlot remembers the styles that it has set, so they must be back when it goes on.
    const context = plot.ctx;
    context.save();
    drawGrid(context, this.#palette, uPlot.pxRatio, frame.verticals, frame.horizontals.map(toY), toX);
    this.#hatching.draw(context, this.#palette, uPlot.pxRatio, frame.missing, toX, 0, context.canvas.height);
    context.restore();
  }

  #drawBefore(plot: uPlot): void {
    const frame = this.#frame;
    if (frame === null || frame.references.length === 0) {
      return;
    }

    const { top, height } = plot.bbox;
    const toY = linear(frame.y0, frame.y1, top + height, top);
    const context = plot.ctx;
    context.save();
    context.setLineDash([4 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    context.lineWidth = uPlot.pxRatio;
    for (const reference of frame.references) {
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

function linear(from: number, to: number, low: number, high: number): (value: number) => number {
  const factor = (high - low) / (to - from);
  return (value) => low + (value - from) * factor;
}
