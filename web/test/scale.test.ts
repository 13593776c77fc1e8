// Goal: a scale never hides a peak, does not twitch, and ticks stand at human times. Method: examples and properties.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextScale, niceBound, type ScaleState, shrinkAfterMs } from '../src/chart/scale';
import { mostLabels, timeStep, timeTicks } from '../src/chart/ticks';

describe('niceBound', () => {
  test.each([
    [0.9, 1], [1, 1], [1.01, 1.5], [1.6, 2], [2.5, 3], [3.5, 4], [4.5, 5], [6, 8], [9, 10], [101, 150], [0.012, 0.015],
  ])('decimal: %d fits below %d', (value, bound) => expect(niceBound(value, 'decimal')).toBeCloseTo(bound, 9));

  test.each([[1, 1], [3, 4], [1025, 2048], [1024, 1024]])(
    'binary: %d fits below %d', (value, bound) => expect(niceBound(value, 'binary')).toBe(bound));

  test('is never below the value and at most 2.01 times it', () => {
    fc.assert(fc.property(
      fc.double({ min: 1e-6, max: 1e15, noNaN: true }), fc.constantFrom('decimal', 'binary'), (value, kind) => {
        const bound = niceBound(value, kind);
        return bound >= value * (1 - 1e-8) && bound <= value * 2.01;
      },
    ));
  });

  test('nothing to show needs no room', () => {
    expect(niceBound(0, 'decimal')).toBe(0);
    expect(niceBound(NaN, 'binary')).toBe(0);
  });
});

describe('nextScale', () => {
  const step = (state: ScaleState | null, largest: number, now: number, held = false): ScaleState =>
    nextScale(state, largest, 'binary', 1, now, held);

  test('grows at once', () => {
    const small = step(null, 3, 0);
    expect(small.bound).toBe(4);
    expect(step(small, 100, 1).bound).toBe(128);
  });

  test('leaves room above the largest value', () => expect(step(null, 4, 0).bound).toBe(8));

  test('shrinks only after thirty seconds below half', () => {
    let state = step(null, 100, 0);
    state = step(state, 10, 1000);
    expect(step(state, 10, 1000 + shrinkAfterMs - 1).bound).toBe(128);
    expect(step(state, 10, 1000 + shrinkAfterMs).bound).toBe(16);
  });

  test('a value above half starts the thirty seconds anew', () => {
    let state = step(null, 100, 0);
    state = step(state, 10, 1000);
    state = step(state, 70, 20_000);
    state = step(state, 10, 21_000);
    expect(step(state, 10, 1000 + shrinkAfterMs).bound).toBe(128);
    expect(step(state, 10, 21_000 + shrinkAfterMs).bound).toBe(16);
  });

  test('stands still under the pointer, both ways', () => {
    const state = step(null, 100, 0);
    expect(step(state, 1000, 1, true)).toBe(state);
    expect(step(state, 1, shrinkAfterMs * 2, true)).toBe(state);
  });

  test('never goes below its floor', () => expect(nextScale(null, 0, 'decimal', 100, 0, false).bound).toBe(100));
});

describe('time ticks', () => {
  test.each([[60_000, 10_000], [300_000, 60_000], [900_000, 300_000]])(
    'a window of %d ms has a label every %d ms', (window, every) => expect(timeStep(window)).toBe(every));

  test('stand at whole steps of wall-clock time, inside the window, and are few', () => {
    fc.assert(fc.property(
      fc.integer({ min: 1.7e12, max: 1.9e12 }), fc.constantFrom(60_000, 300_000, 900_000),
      fc.integer({ min: -5000, max: 5000 }), (x0, window, offset) => {
        const ticks = timeTicks(x0, x0 + window, offset);
        expect(ticks.length).toBeLessThanOrEqual(mostLabels + 1);
        expect(ticks.length).toBeGreaterThanOrEqual(window / timeStep(window) - 1);
        for (const tick of ticks) {
          expect((tick + offset) % timeStep(window)).toBe(0);
          expect(tick).toBeGreaterThanOrEqual(x0);
          expect(tick).toBeLessThanOrEqual(x0 + window);
        }
      },
    ));
  });
});
