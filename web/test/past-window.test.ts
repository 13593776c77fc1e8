// Goal: the tracks draw what was recorded, with holes where there were, and never more than was certain. Method:
// answers made by hand; sums of random series against all their samples.
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
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
  await vi.waitFor(() => expect(window.history).not.toBeNull());
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

/** A window whose questions are answered by the test, and the ranges that they asked for. */
function asking() {
  const asked: { from: number; to: number; answer(): void; fail(error: unknown): void }[] = [];
  const told: unknown[] = [];
  const questions = {
    range: (_: unknown, from: number, to: number) => new Promise<PastRange>((resolve, reject) => {
      const ticks = Array.from({ length: Math.ceil((to - from) / 1000) }, () => 1);
      asked.push({ from, to, answer: () => resolve(answer(ticks, 1000, { from, to })), fail: reject });
    }),
  };
  const window = new PastWindow(questions, (error) => told.push(error));
  const ensure = (seconds: number): void => {
    const x0 = start + 1000 * seconds;
    window.ensure(x0, x0 + 60_000, 60, start + 86_400_000, [rx]);
  };
  return { asked, told, window, ensure };
}

describe('the questions of the window', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('are asked one at a time however often it moves; the newest wish is heard after the answer', async () => {
    const { asked, told, window, ensure } = asking();
    for (let second = 0; second <= 6000; second += 60) {
      ensure(second);
    }

    expect(asked.length).toBe(1);
    asked[0]?.answer();
    await vi.waitFor(() => expect(asked.length).toBe(2));
    expect(told).toEqual([null]);
    expect(asked[1]?.from).toBe(start + 6_000_000 - 30_000);
    ensure(6000);
    asked[1]?.answer();
    await vi.waitFor(() => expect(told).toEqual([null, null]));
    ensure(6000);
    expect(asked.length).toBe(2);
    expect(window.from).toBe(asked[1]?.from);
  });

  test('that fail are asked again later and later, wherever it moves, and at once after an answer', async () => {
    vi.useFakeTimers();
    const { asked, told, ensure } = asking();
    const times: number[] = [];
    for (let ms = 0; ms < 60_000; ms += 50) {
      const before = asked.length;
      ensure(ms);
      if (asked.length > before) {
        times.push(ms);
        asked.at(-1)?.fail(new Error('no'));
      }

      await vi.advanceTimersByTimeAsync(50);
    }

    expect(told.length).toBe(times.length);
    expect(times.length).toBeLessThan(12);
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(waits.slice(0, 3)).toEqual([2000, 4000, 8000]);
    expect(Math.max(...waits)).toBe(10_000);
    await vi.advanceTimersByTimeAsync(10_000);
    ensure(70_000);
    asked.at(-1)?.answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(told.at(-1)).toBeNull();
    const before = asked.length;
    ensure(80_000);
    expect(asked.length).toBe(before + 1);
  });

  test('that is no longer wanted changes nothing when it is answered', async () => {
    const { asked, told, window, ensure } = asking();
    ensure(0);
    window.clear();
    ensure(1000);
    asked[0]?.answer();
    asked[1]?.answer();
    await vi.waitFor(() => expect(told).toEqual([null]));
    expect(window.from).toBe(asked[1]?.from);
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
