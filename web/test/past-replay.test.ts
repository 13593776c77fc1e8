// Goal: keys go through the past from what is shown, each press counts, and a server that does not answer is neither
// hammered nor a reason to show nothing for ever. Method: a recorder whose answers the test gives.
import { beforeEach, expect, test, vi } from 'vitest';
import { History } from '../src/history';
import { range, recorder, replay, replayTime, windowProblem } from '../src/past/now';
import { Questions } from '../src/past/questions';
import { Replay } from '../src/past/replay';
import { windowMs } from '../src/settings';
import { Tables } from '../src/tables/tables';
import { series } from './samples';
import { first, momentAt } from './past-samples';

const last = first + 3_600_000;

const schema = [series('system.cpu.time', { 'cpu.mode': 'user' })];

/** A page at an hour of recorded seconds; `hold` keeps answers back until `release`. */
function page() {
  const asked: number[] = [];
  const held: (() => void)[] = [];
  const server = { isHeld: false, isDown: false };
  const questions = new Questions('/api/');
  vi.spyOn(questions, 'moment').mockImplementation(async (at) => {
    asked.push(at);
    if (server.isHeld) {
      await new Promise<void>((resolve) => held.push(resolve));
    }

    if (server.isDown) {
      throw new Error('The server does not answer.');
    }

    return momentAt(at, last);
  });
  const host = {
    live: new History(() => false),
    tables: new Tables(),
    redraw: () => undefined,
    plotWidth: () => 600,
    schema: () => schema,
    moved: () => undefined,
  };
  const release = (): void => held.splice(0).forEach((resolve) => resolve());
  return { replay: new Replay(host, questions), questions, asked, server, release };
}

const shows = (t: number) => vi.waitFor(() => expect(replay.value?.moment?.t).toBe(t));

beforeEach(() => {
  replay.value = range.value = windowProblem.value = null;
  recorder.value = {
    type: 'recorder', state: 'ended', reason: null, oldest: first, newest: last, tiers: [], events: [],
  };
});

test('steps to what was fetched ahead are shown at once, without a question', async () => {
  const { replay: going, asked } = page();
  going.enter(first + 100_700, true);
  await shows(first + 100_000);
  await vi.waitFor(() => expect(asked.length).toBe(61));
  going.step({ samples: -1 });
  expect(replay.value?.moment?.t).toBe(first + 99_000);
  going.step({ ms: -10_000 });
  expect(replay.value?.moment?.t).toBe(first + 89_000);
  going.step({ samples: 1 });
  going.step({ ms: 10_000 });
  expect(replay.value?.moment?.t).toBe(first + 100_000);
  await vi.waitFor(() => expect(asked.length).toBe(62));
  expect(new Set(asked).size).toBe(asked.length);
});

test('presses of a key while a second is on its way all count, and ask one question at a time', async () => {
  const { replay: going, asked, server, release } = page();
  going.enter(first + 100_000, true);
  await shows(first + 100_000);
  await vi.waitFor(() => expect(asked.length).toBe(61));
  server.isHeld = true;
  asked.length = 0;
  for (let press = 0; press < 5; press++) {
    going.step({ ms: -60_000 });
  }

  expect(asked).toEqual([first + 40_000]);
  release();
  await vi.waitFor(() => expect(asked.length).toBe(2));
  expect(replay.value?.moment?.t).toBe(first + 40_000);
  release();
  await shows(first);
  expect(replayTime.value).toBe(first);
});

test('a moment that the server does not answer says so, and is asked for once more when it is back', async () => {
  const { replay: going, asked, server } = page();
  server.isDown = true;
  going.enter(first + 100_000, true);
  await vi.waitFor(() => expect(replay.value?.problem).toBe('The server does not answer.'));
  expect(replay.value?.speed).toBeNull();
  expect(asked.length).toBe(1);
  server.isDown = false;
  going.retry();
  await shows(first + 100_000);
  expect(replay.value?.problem).toBeNull();
});

test('a problem of the window passes with it', async () => {
  const { replay: going, questions } = page();
  const answers = vi.spyOn(questions, 'range').mockRejectedValueOnce(new Error('The server does not answer.'));
  answers.mockImplementation((_, from, to) => Promise.resolve({
    from, to, bucket: 1000, resolution: 1000, ticks: new Float64Array(1), series: [],
  }));
  going.enter(first + 1_000_000, true);
  going.picture(0);
  await vi.waitFor(() => expect(windowProblem.value).toBe('The server does not answer.'));
  await vi.waitFor(() => {
    going.picture(0);
    expect(windowProblem.value).toBeNull();
  }, 5000);
});

test('going live while a moment is on its way shows nothing of it', async () => {
  const { replay: going, server, release } = page();
  server.isHeld = true;
  going.enter(first + 100_000, true);
  going.live();
  release();
  going.enter(first + 200_000, true);
  await vi.waitFor(() => {
    release();
    expect(replay.value?.moment?.t).toBe(first + 200_000);
  });
});

test('the window that is chosen keeps the moment at its place', async () => {
  const { replay: going } = page();
  windowMs.value = 300_000;
  going.enter(first + 1_000_000, true);
  await shows(first + 1_000_000);
  const share = (): number => {
    const picture = going.picture(0);
    return ((picture?.playhead ?? NaN) - (picture?.x0 ?? NaN)) / ((picture?.x1 ?? NaN) - (picture?.x0 ?? NaN));
  };
  const before = share();
  going.zoom(60_000, replayTime.value ?? NaN);
  expect(share()).toBeCloseTo(before, 3);
  going.zoom(1e12, replayTime.value ?? NaN);
  expect(windowMs.value).toBe(31 * 86_400_000);
});
