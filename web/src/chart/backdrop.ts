// What lies behind every chart: the grid, and the hatching of time that nobody measured.
import type { Palette } from './palette';

/** Stretches of the time axis, as pairs of start and end in `places`. */
export interface Spans {
  readonly places: ArrayLike<number>;
  readonly count: number;
}

/** Side of a tile of the hatching, CSS pixels. */
const tile = 6;
const lineWidth = 1.5;

export class Hatching {
  #pattern: CanvasPattern | null = null;
  #made = '';

  /** Hatches each span between y `top` and `bottom`; all in device pixels. */
  draw(
    context: CanvasRenderingContext2D,
    palette: Palette,
    ratio: number,
    spans: Spans,
    toX: (x: number) => number,
    top: number,
    bottom: number,
  ): void {
    if (spans.count === 0) {
      return;
    }

    const key = `${palette.version} ${ratio}`;
    if (this.#made !== key) {
      this.#pattern = makePattern(context, palette, ratio);
      this.#made = key;
    }

    context.fillStyle = this.#pattern ?? palette.css('hatch');
    for (let i = 0; i < spans.count; i++) {
      const left = toX(spans.places[2 * i] ?? 0);
      const right = toX(spans.places[2 * i + 1] ?? 0);
      context.fillRect(Math.round(left), top, Math.max(1, Math.round(right) - Math.round(left)), bottom - top);
    }
  }
}

function makePattern(context: CanvasRenderingContext2D, palette: Palette, ratio: number): CanvasPattern | null {
  const side = Math.round(tile * ratio);
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const own = canvas.getContext('2d');
  if (own === null) {
    return null;
  }

  own.strokeStyle = palette.css('hatch');
  own.lineWidth = lineWidth * ratio * Math.SQRT1_2;
  own.beginPath();
  for (const shift of [-side, 0, side]) {
    own.moveTo(shift, side);
    own.lineTo(shift + side, 0);
  }

  own.stroke();
  return context.createPattern(canvas, 'repeat');
}

/** Draws vertical hairlines at the places of the time labels. */
export function drawGrid(
  context: CanvasRenderingContext2D,
  palette: Palette,
  ratio: number,
  verticals: readonly number[],
  horizontals: readonly number[],
  toX: (x: number) => number,
): void {
  const { width, height } = context.canvas;
  const line = Math.max(1, Math.round(ratio));
  context.fillStyle = palette.css('grid');
  for (const x of verticals) {
    context.fillRect(Math.round(toX(x)), 0, line, height);
  }

  for (const y of horizontals) {
    context.fillRect(0, Math.round(y), width, line);
  }
}
