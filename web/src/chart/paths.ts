// Outlines of areas and lines whose samples may be missing. A missing value or a gap in time ends the run: nothing is
// ever drawn across it.

/** The part of Path2D that is used, so that tests can write down what was drawn. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
  rect(x: number, y: number, width: number, height: number): void;
}

export interface AreaShape {
  readonly x: ArrayLike<number>;
  /** Upper edge; NaN is missing. */
  readonly upper: ArrayLike<number>;
  /** Lower edge, the series below in a stack; null for an area that stands on zero. */
  readonly lower: ArrayLike<number> | null;
  /** 1 where time is missing between a sample and the one before it. */
  readonly breaks: ArrayLike<number>;
  readonly count: number;
  readonly toX: (x: number) => number;
  readonly toY: (y: number) => number;
}

/** A band lower than this, in device pixels, has no outline: the line would be higher than the value it stands for. */
const flat = 1;

/** Half the side of the dot that stands for a sample without neighbours, device pixels. */
const dotHalf = 0.5;

/** Calls `run` with the first index and the index after the last of each run of samples without a hole. */
export function eachRun(shape: AreaShape, run: (from: number, to: number) => void): void {
  let from = -1;
  for (let i = 0; i < shape.count; i++) {
    const present = hasValue(shape, i);
    if (from >= 0 && (!present || shape.breaks[i] === 1)) {
      run(from, i);
      from = -1;
    }

    if (from < 0 && present) {
      from = i;
    }
  }

  if (from >= 0) {
    run(from, shape.count);
  }
}

/** Traces the area between the edges into `fill` and its upper edge into `stroke`; either may be left out. */
export function traceArea(shape: AreaShape, fill: PathSink | null, stroke: PathSink | null): void {
  eachRun(shape, (from, to) => {
    if (fill !== null) {
      traceFill(shape, from, to, fill);
    }

    if (stroke !== null) {
      traceEdge(shape, from, to, stroke);
    }
  });
}

function hasValue({ upper, lower }: AreaShape, i: number): boolean {
  return !Number.isNaN(upper[i]) && (lower === null || !Number.isNaN(lower[i]));
}

function traceFill({ x, upper, lower, toX, toY }: AreaShape, from: number, to: number, fill: PathSink): void {
  if (to - from < 2) {
    return;
  }

  fill.moveTo(toX(x[from] ?? 0), toY(upper[from] ?? 0));
  for (let i = from + 1; i < to; i++) {
    fill.lineTo(toX(x[i] ?? 0), toY(upper[i] ?? 0));
  }

  if (lower === null) {
    fill.lineTo(toX(x[to - 1] ?? 0), toY(0));
    fill.lineTo(toX(x[from] ?? 0), toY(0));
  } else {
    for (let i = to - 1; i >= from; i--) {
      fill.lineTo(toX(x[i] ?? 0), toY(lower[i] ?? 0));
    }
  }

  fill.closePath();
}

function traceEdge(shape: AreaShape, from: number, to: number, stroke: PathSink): void {
  const { x, upper, lower, toX, toY } = shape;
  if (to - from === 1) {
    if (lower === null || height(shape, from) >= flat) {
      const size = 2 * dotHalf;
      stroke.rect(toX(x[from] ?? 0) - dotHalf, toY(upper[from] ?? 0) - dotHalf, size, size);
    }

    return;
  }

  let drawing = false;
  for (let i = from; i < to - 1; i++) {
    if (lower !== null && height(shape, i) < flat && height(shape, i + 1) < flat) {
      drawing = false;
      continue;
    }

    if (!drawing) {
      stroke.moveTo(toX(x[i] ?? 0), toY(upper[i] ?? 0));
      drawing = true;
    }

    stroke.lineTo(toX(x[i + 1] ?? 0), toY(upper[i + 1] ?? 0));
  }
}

function height({ upper, lower, toY }: AreaShape, i: number): number {
  return Math.abs(toY(upper[i] ?? 0) - toY(lower?.[i] ?? 0));
}
