// Goal: the tracks draw what was recorded, with holes where there were, and never more than was certain. Method:
// answers made by hand; sums of random series against all their samples.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, History } from '../src/history';
import type { PastRange } from '../src/past/answers';
import { PastWindow } from '../src/past/window';
import { sumBounds } from '../src/tracks/bounds';
import { Missing, View } from '../src/view';
import { series } from './samples';

const rx = series('rx');
const start = 1_800_000_000_000;

function answer(ticks: readonly number[], bucket: number, changes: Partial<PastRange> = {}): PastRange {
  const values = Float64Array.from(ticks, (count, i) => (count === 0 ? NaN : i));
  return {
    from: start,
    to: start + ticks.length * bucket,
    bucket,
    resolution: 1000,
    ticks: Float64Array.from(ticks),
    series: [{ series: rx, avg: values, min: null, max: null }],
    ...changes,
  };
}

/** A window whose question is answered at once. */
async function loaded(range: PastRange): Promise<{ readonly window: PastWindow; readonly asked: number }> {
  let asked = 0;
  const questions = {
    range: () => {
      asked++;
      return Promise.resolve(range);
    },
  };
  const window = new PastWindow(questions, () => undefined);
  window.ensure(range.from, range.to, range.ticks.length, range.to, [rx]);
  window.ensure(range.from, range.to, range.ticks.length, range.to, [rx]);
  await new Promise((resolve) => setTimeout(resolve));
  return { window, asked };
}

function missingIn(window: PastWindow): (readonly [number, number])[] {
  const view = new View(window.history ?? new History(() => true));
  [view.knownFrom, view.knownTo, view.endSlack] = [window.from, window.to, 1.5 * window.bucket + 1000];
  view.place(window.from, window.to, null, 0);
  const { places, count } = new Missing().find(view, null);
  return Array.from({ length: count }, (_, i) => [(places[2 * i] ?? 0) - start, (places[2 * i + 1] ?? 0) - start]);
}

describe('the window', () => {
  test('asks once for what it shows, and has a sample for each bucket that has one', async () => {
    const { window, asked } = await loaded(answer([1, 1, 1, 1], 1000));
    expect(asked).toBe(1);
    expect([...(window.history?.x ?? [])]).toEqual([500, 1500, 2500, 3500].map((ms) => start + ms));
    expect([...(window.history?.column('rx')?.values ?? [])]).toEqual([0, 1, 2, 3]);
    expect(window.history?.hasRanges).toBe(false);
  });

  test('of samples has no hole where one came early by a hair, and one where two are missing', async () => {
    expect(missingIn((await loaded(answer([1, 2, 0, 1, 1], 1000))).window)).toEqual([]);
    expect(missingIn((await loaded(answer([1, 0, 0, 1, 1], 1000))).window)).toEqual([[500, 3500]]);
  });

  test('that begins or ends in a hole, or is one, says so', async () => {
    expect(missingIn((await loaded(answer([0, 0, 0, 1, 1], 1000))).window)).toEqual([[0, 3500]]);
    expect(missingIn((await loaded(answer([1, 1, 0, 0, 0, 0], 1000))).window)).toEqual([[1500, 6000]]);
    expect(missingIn((await loaded(answer([0, 0, 0], 1000))).window)).toEqual([[0, 3000]]);
  });

  test('of buckets has ranges, and a hole for each empty one', async () => {
    const { window } = await loaded(answer([10, 0, 10], 10_000, { resolution: 1000 }));
    expect(window.history?.hasRanges).toBe(true);
    expect(missingIn(window)).toEqual([[5000, 25_000]]);
  });
});

describe('the bounds of a sum', () => {
  const part = fc.array(fc.constantFrom<number>(0, 0.1, 0.5, 2), { minLength: 3, maxLength: 3 });
  const parts = fc.array(part, { minLength: 1, maxLength: 4 });

  test('were reached by the samples, and hold the average', () => {
    fc.assert(fc.property(parts, (samples) => {
      const columns = samples.map((values): Column => {
        const average = values.reduce((sum, value) => sum + value, 0) / values.length;
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return { series: rx, values: Float64Array.of(average), low: Float64Array.of(low), high: Float64Array.of(high) };
      });
      const sums = [0, 1, 2].map((i) => samples.reduce((sum, values) => sum + (values[i] ?? 0), 0));
      const average = sums.reduce((sum, value) => sum + value, 0) / 3;
      const [low, high] = sumBounds(columns, 0);
      expect(low).toBeGreaterThanOrEqual(Math.min(...sums) - 1e-9);
      expect(high).toBeLessThanOrEqual(Math.max(...sums) + 1e-9);
      expect(low).toBeLessThanOrEqual(average + 1e-9);
      expect(high).toBeGreaterThanOrEqual(average - 1e-9);
    }));
  });

  test('of one series are its own, of none there are none', () => {
    const [values, low, high] = [2, 1, 9].map((value) => Float64Array.of(value)) as [Float64Array, ...Float64Array[]];
    const column: Column = { series: rx, values, low: low ?? null, high: high ?? null };
    expect(sumBounds([column], 0)).toEqual([1, 9]);
    expect(sumBounds([], 0)).toEqual([NaN, NaN]);
  });
});
