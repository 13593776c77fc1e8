// Goal: every track shows the same second, and what nobody measured is hatched.
import { describe, expect, test } from 'vitest';
import { History } from '../src/history';
import { Missing, View } from '../src/view';
import { frame, series } from './samples';

const start = 1_764_000_000_000;

function viewOf(seconds: readonly number[]): View {
  const history = new History(() => true);
  history.setSchema([series('a')]);
  seconds.forEach((second) => history.append(frame(second, start + 1000 * second, [second], 1000)));
  return new View(history);
}

function spans(missing: Missing): [number, number][] {
  return Array.from({ length: missing.count }, (_, i) => [
    ((missing.places[2 * i] ?? 0) - start) / 1000,
    ((missing.places[2 * i + 1] ?? 0) - start) / 1000,
  ]);
}

describe('the window', () => {
  test('ends with the newest sample and begins with the one before its left edge', () => {
    const view = viewOf(Array.from({ length: 100 }, (_, i) => i));
    view.follow(60_000, 0, null, 0);
    expect(view.x1).toBe(start + 99_000);
    expect([view.from, view.to, view.at]).toEqual([38, 100, 99]);
    expect(view.x[0]).toBe(start + 38_000);
  });

  test('moves on while nothing arrives', () => {
    const view = viewOf([0, 1, 2]);
    view.follow(60_000, 8000, null, 0);
    expect(view.x1).toBe(start + 10_000);
    expect(view.at).toBe(2);
  });

  test('a place on screen is the second nearest to it', () => {
    const view = viewOf(Array.from({ length: 100 }, (_, i) => i));
    view.follow(60_000, 0, { kind: 'place', share: 0.5 }, 0);
    expect(view.at).toBe(69);
    expect(view.cursorX).toBe(start + 69_000);
  });

  test('a moment stays while the window moves', () => {
    const view = viewOf(Array.from({ length: 100 }, (_, i) => i));
    view.follow(60_000, 5000, { kind: 'moment', x: start + 70_000 }, 0);
    expect(view.at).toBe(70);
  });

  test('where nothing was measured there is no second', () => {
    const view = viewOf([0, 1, 2, 50, 51]);
    view.follow(60_000, 0, { kind: 'moment', x: start + 20_000 }, 0);
    expect(view.at).toBe(-1);
  });

  test('without any sample there is nothing to show', () => {
    const view = viewOf([]);
    view.follow(60_000, 0, null, 0);
    expect([view.count, view.at]).toEqual([0, -1]);
  });
});

describe('missing time', () => {
  const missing = new Missing();

  test('is what lies between samples that are no neighbours', () => {
    const view = viewOf([0, 1, 2, 10, 11]);
    view.follow(60_000, 0, null, 0);
    expect(spans(missing.find(view, null))).toEqual([[2, 10]]);
  });

  test('grows at the right edge while nothing arrives', () => {
    const view = viewOf([0, 1, 2]);
    view.follow(60_000, 8000, null, 0);
    expect(spans(missing.find(view, null))).toEqual([[2, 10]]);
  });

  test('is also where a value is missing, joined with gaps beside it', () => {
    const view = viewOf([0, 1, 2, 3, 10, 11]);
    view.follow(60_000, 4000, null, 0);
    expect(spans(missing.find(view, Float64Array.of(1, NaN, 1, 1, NaN, NaN)))).toEqual([[0, 2], [3, 15]]);
  });

  test('is not the time before the oldest sample', () => {
    const view = viewOf([50, 51, 52]);
    view.follow(60_000, 0, null, 0);
    expect(spans(missing.find(view, null))).toEqual([]);
  });
});
