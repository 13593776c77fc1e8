// Goal: the page never says live when it is not, nor loses hope. Method: a clock that the test moves.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestRetryMs, retryDelayMs, shortestRetryMs } from '../src/backoff';
import { explanation, pillWord } from '../src/panels/words';
import { begin, isSilent, next, phaseAt, type Timeline, type TimelineEvent } from '../src/timeline';

const after = (...events: TimelineEvent[]): Timeline => events.reduce(next, begin(0));

const dial = (at: number): TimelineEvent => ({ type: 'dial', at });
const open = (at: number): TimelineEvent => ({ type: 'open', at });
const frame = (at: number): TimelineEvent => ({ type: 'frame', at });
const close = (at: number, code = 1006, retryInMs = 2000): TimelineEvent => ({ type: 'close', at, code, retryInMs });
const hello = (at: number, newestAgeMs: number | null = 300, intervalMs = 1000): TimelineEvent => {
  return { type: 'hello', at, intervalMs, newestAgeMs };
};

describe('the way to live', () => {
  test('begins with connecting', () => expect(phaseAt(after(dial(0)), 100).name).toBe('connecting'));

  test('is live from the first hello, with the age that the server tells', () => {
    const phase = phaseAt(after(dial(0), open(50), hello(60)), 100);
    expect(phase.name).toBe('live');
    expect(phase.ageMs).toBe(340);
  });

  test('a host without any sample yet is still connecting', () => {
    expect(phaseAt(after(dial(0), open(50), hello(60, null)), 5000).name).toBe('connecting');
  });

  test('a hello whose newest sample is old is stale at once', () => {
    expect(phaseAt(after(dial(0), open(0), hello(0, 20_000)), 10).name).toBe('stale');
  });
});

describe('silence', () => {
  const live = after(dial(0), open(0), hello(0), frame(1000));

  test.each([
    [1000, 'live'], [2500, 'live'], [2501, 'late'], [4000, 'late'], [4001, 'stale'], [60_000, 'stale'],
  ])('at %d ms the page is %s', (now, name) => expect(phaseAt(live, now).name).toBe(name));

  test('is measured in intervals of the host', () => {
    const slow = after(dial(0), open(0), hello(0, 0, 60_000), frame(1000));
    expect(phaseAt(slow, 80_000).name).toBe('live');
    expect(phaseAt(slow, 182_000).name).toBe('stale');
  });

  test('of an open link ends in dialling anew', () => {
    expect(isSilent(live, 8_900)).toBe(false);
    expect(isSilent(live, 9_100)).toBe(true);
  });

  test('of a link that has just been opened is not yet silence', () => {
    const reopened = [close(20_000), dial(21_000), open(21_100)].reduce(next, live);
    expect(isSilent(reopened, 22_000)).toBe(false);
    expect(isSilent(reopened, 30_000)).toBe(true);
  });

  test('a new sample ends it', () => expect(phaseAt(next(live, frame(9000)), 9100).name).toBe('live'));
});

describe('a lost link', () => {
  const lost = after(dial(0), open(0), hello(0), frame(1000), close(1500));

  test('is said at once, with the time to the next attempt', () => {
    const phase = phaseAt(lost, 1600);
    expect(phase.name).toBe('reconnecting');
    expect(phase.retryInMs).toBe(1900);
    expect(phase.ageMs).toBe(600);
  });

  test('is offline after thirty seconds, and attempts go on', () => {
    const failing = [dial(3500), close(3600), dial(6000), close(6100)].reduce(next, lost);
    expect(phaseAt(failing, 31_000).name).toBe('reconnecting');
    expect(phaseAt(failing, 31_501).name).toBe('offline');
    expect(failing.attempt).toBe(2);
    expect(failing.retryAt).not.toBeNull();
  });

  test('attempts count from zero again only when a sample has arrived', () => {
    const opened = [dial(3500), open(3600)].reduce(next, lost);
    expect(opened.attempt).toBe(1);
    expect(next(opened, frame(4000)).attempt).toBe(0);
  });

  test('a server that says it is going down is remembered through failed attempts', () => {
    const stopped = after(dial(0), open(0), hello(0), frame(1000), close(1500, 1001), dial(2000), close(2100));
    expect(phaseAt(stopped, 3000).closedCleanly).toBe(true);
    expect(phaseAt(next(stopped, frame(4000)), 4000).closedCleanly).toBe(false);
  });

  test('a page that never reached its server says so from the second attempt on', () => {
    expect(phaseAt(after(dial(0), close(10), dial(600)), 700).name).toBe('reconnecting');
    expect(phaseAt(after(dial(0), close(10)), 30_100).name).toBe('offline');
  });
});

describe('words', () => {
  test('stale says for how long', () => {
    const phase = phaseAt(after(dial(0), open(0), hello(0), frame(1000)), 9500);
    expect(pillWord(phase)).toBe('STALE 8 s');
    expect(explanation(phase, 'atlas-01')).toContain('No sample for 8 s');
  });

  test('reconnecting says when the next attempt comes', () => {
    const phase = phaseAt(after(dial(0), open(0), hello(0), frame(1000), close(1500)), 1600);
    expect(explanation(phase, 'atlas-01')).toContain('Attempt 1 in 2 s.');
  });

  test('live has nothing to explain', () => {
    expect(explanation(phaseAt(after(dial(0), open(0), hello(0)), 100), 'x')).toBeNull();
  });
});

describe('the wait before dialling anew', () => {
  test('stays between half a second and ten, whatever the attempt', () => {
    const attempts = fc.integer({ min: -3, max: 10_000 });
    fc.assert(fc.property(attempts, fc.double({ min: 0, max: 1, noNaN: true }), (n, random) => {
      const wait = retryDelayMs(n, random);
      return wait >= shortestRetryMs && wait <= longestRetryMs;
    }));
  });

  test('its upper end doubles', () => {
    expect([0, 1, 2, 3, 4, 5].map((n) => retryDelayMs(n, 1))).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test('is spread, so that pages do not return together', () => {
    expect(retryDelayMs(3, 0)).toBe(500);
    expect(retryDelayMs(3, 0.5)).toBe(4250);
  });
});
