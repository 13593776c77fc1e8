// Goal: nothing is ever drawn across a hole. Method: what was drawn is written down and compared.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AreaShape, eachRun, type PathSink, traceArea } from '../src/chart/paths';

class Recorder implements PathSink {
  readonly calls: string[] = [];
  readonly points: [number, number][] = [];
  moveTo(x: number, y: number): void {
    this.calls.push(`M${x},${y}`);
    this.points.push([x, y]);
  }

  lineTo(x: number, y: number): void {
    this.calls.push(`L${x},${y}`);
    this.points.push([x, y]);
  }

  closePath(): void {
    this.calls.push('Z');
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.calls.push(`R${x},${y},${width},${height}`);
    this.points.push([x, y]);
  }
}

function shape(upper: number[], lower: number[] | null = null, breaks: number[] = []): AreaShape {
  const same = (value: number): number => value;
  return { x: upper.map((_, i) => i), upper, lower, breaks, count: upper.length, toX: same, toY: same };
}

function trace(area: AreaShape): { fill: string; stroke: string } {
  const [fill, stroke] = [new Recorder(), new Recorder()];
  traceArea(area, fill, stroke);
  return { fill: fill.calls.join(' '), stroke: stroke.calls.join(' ') };
}

describe('an area on zero', () => {
  test('is one run when every sample is there', () => {
    expect(trace(shape([5, 6, 7]))).toEqual({ fill: 'M0,5 L1,6 L2,7 L2,0 L0,0 Z', stroke: 'M0,5 L1,6 L2,7' });
  });

  test('ends at a missing sample and begins behind it', () => {
    expect(trace(shape([5, 6, NaN, 7, 8]))).toEqual({
      fill: 'M0,5 L1,6 L1,0 L0,0 Z M3,7 L4,8 L4,0 L3,0 Z',
      stroke: 'M0,5 L1,6 M3,7 L4,8',
    });
  });

  test('ends where time is missing', () => {
    expect(trace(shape([5, 6, 7, 8], null, [0, 0, 1, 0])).stroke).toBe('M0,5 L1,6 M2,7 L3,8');
  });

  test('a sample without neighbours is a dot and has no area', () => {
    expect(trace(shape([NaN, 5, NaN]))).toEqual({ fill: '', stroke: 'R0.5,4.5,1,1' });
  });

  test('a zero is drawn, because it is a value', () => expect(trace(shape([0, 0])).stroke).toBe('M0,0 L1,0'));
});

describe('a band of a stack', () => {
  test('is filled down to the series below', () => {
    expect(trace(shape([5, 6], [1, 2])).fill).toBe('M0,5 L1,6 L1,2 L0,1 Z');
  });

  test('has no outline where it has no height', () => {
    expect(trace(shape([5, 5, 9, 5, 5, 5], [5, 5, 5, 5, 5, 5])).stroke).toBe('M1,5 L2,9 L3,5');
  });

  test('ends where the series below is missing', () => {
    expect(trace(shape([5, 6, 7, 8], [1, 2, NaN, 3])).fill).toBe('M0,5 L1,6 L1,2 L0,1 Z');
  });
});

describe('runs', () => {
  test('cover every present sample exactly once and never a missing one', () => {
    const sample = fc.oneof(fc.constant(NaN), fc.double({ min: -10, max: 10, noNaN: true }));
    fc.assert(fc.property(fc.array(sample), fc.array(fc.constantFrom(0, 1)), (upper, breaks) => {
      const covered = upper.map(() => 0);
      eachRun(shape(upper, null, breaks), (from, to) => {
        for (let i = from; i < to; i++) {
          covered[i] = (covered[i] ?? 0) + 1;
          expect(i > from && breaks[i] === 1).toBe(false);
        }
      });
      expect(covered).toEqual(upper.map((value) => (Number.isNaN(value) ? 0 : 1)));
    }));
  });
});
