// Goal: stepping through the past shows what was recorded, and what is likely to be wanted next is there before it is
// asked for. Method: a recorder of a hundred ticks that counts its questions.
import { expect, test, vi } from 'vitest';
import type { Moment } from '../src/past/answers';
import { Moments } from '../src/past/moments';
import { PastTables } from '../src/past/past-tables';
import { first, momentAt } from './past-samples';

const last = first + 99_000;

function recorder() {
  const asked: number[] = [];
  const moments = new Moments({
    moment: (at: number) => {
      asked.push(at);
      return Promise.resolve(momentAt(at, last));
    },
  });
  return { asked, moments };
}

/** Fetches ahead from a moment; ends when the seconds before it are here, and those after it. */
async function fetchAhead(moments: Moments, from: Moment, newest: number): Promise<void> {
  await new Promise<void>((resolve) => moments.prefetch(from, resolve));
  await vi.waitFor(() => expect(moments.atTick(newest)).not.toBeNull());
}

test('a moment that is here needs no question, whichever time of its second is asked for', async () => {
  const { moments } = recorder();
  const moment = await moments.fetch(first + 5200);
  expect(moment.t).toBe(first + 5000);
  expect(moments.find(first + 5000)).toBe(moment);
  expect(moments.find(first + 5999)).toBe(moment);
  expect(moments.find(first + 6000)).toBeNull();
  expect(moments.find(first + 4999)).toBeNull();
});

test('the thirty seconds on either side are fetched ahead, and none twice', async () => {
  const { asked, moments } = recorder();
  await fetchAhead(moments, await moments.fetch(first + 50_000), first + 80_000);
  expect(moments.find(first + 20_000)?.t).toBe(first + 20_000);
  expect(moments.find(first + 19_000)).toBeNull();
  expect(moments.find(first + 80_000)?.t).toBe(first + 80_000);
  expect(moments.find(first + 81_000)).toBeNull();
  await fetchAhead(moments, momentAt(first + 50_000, last), first + 80_000);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked.length).toBe(61);
});

test('a step goes on fetching from its new place, and asks for nothing again', async () => {
  const { asked, moments } = recorder();
  moments.prefetch(await moments.fetch(first + 50_000), () => undefined);
  for (let second = 49; second > 40; second--) {
    const moment = moments.find(first + 1000 * second) ?? (await moments.fetch(first + 1000 * second));
    moments.prefetch(moment, () => undefined);
  }

  await fetchAhead(moments, momentAt(first + 41_000, last), first + 71_000);
  expect(moments.find(first + 11_000)?.t).toBe(first + 11_000);
  expect(new Set(asked).size).toBe(asked.length);
});

test('what was the newest when it was fetched knows the one after it as soon as that is here', async () => {
  const next = { ...momentAt(last, last), t: last + 1002, before: last };
  const moments = new Moments({ moment: (at: number) => Promise.resolve(at > last ? next : momentAt(at, last)) });
  await moments.fetch(last);
  expect(moments.atTick(last)?.after).toBeNull();
  await moments.fetch(last + 1500);
  expect(moments.atTick(last)?.after).toBe(last + 1002);
});

test('an answer of another second than was asked for ends the fetching: it would be asked for for ever', async () => {
  let asked = 0;
  const moments = new Moments({
    moment: (at: number) => {
      asked++;
      return Promise.resolve({ ...momentAt(at, last), t: at - 1, before: at - 5, after: at + 5 });
    },
  });
  await new Promise<void>((resolve) => moments.prefetch(momentAt(first + 50_000, last), resolve));
  expect(asked).toBe(2);
});

test('the ends of what is recorded end the fetching', async () => {
  const { asked, moments } = recorder();
  await fetchAhead(moments, await moments.fetch(first), first + 30_000);
  expect(asked.every((at) => at >= first)).toBe(true);
});

test('trends of a moment are of the seconds before it that are here, also after a step back', async () => {
  const { moments } = recorder();
  const tables = new PastTables();
  const trend = () => {
    const [x, cpu, breaks] = [new Float64Array(61), new Float64Array(61), new Uint8Array(61)];
    const process = tables.processes.find(1);
    const count = process === undefined ? 0 : tables.processes.copyTrend(process, x, cpu, breaks);
    return [...cpu.subarray(0, count)].map((value) => Math.round(100 * value));
  };
  for (const second of [10, 11, 12]) {
    tables.show(await moments.fetch(first + 1000 * second), moments, 1000);
  }

  expect(trend()).toEqual([11, 12, 13]);
  tables.show(moments.find(first + 11_000), moments, 1000);
  expect(trend()).toEqual([11, 12]);
  expect(tables.isStep).toBe(true);
  tables.show(await moments.fetch(first + 40_000), moments, 1000);
  expect(trend()).toEqual([41]);
  expect(tables.isStep).toBe(false);
  tables.show(null, moments, 1000);
  expect(tables.processes.size).toBe(0);
});
