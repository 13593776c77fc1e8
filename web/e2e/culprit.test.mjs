// Goal: what a machine was busy with an hour ago is found by clicking the spike: the table of that second names the
// process with its CPU and its writing, and the link shows the same second to somebody else. Method: the published
// program records on a clock that is nearly an hour behind while a script starts and stops a load; then it is started
// anew.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, open } from './browser.mjs';
import { end, own } from './children.mjs';
import { readStream, startServer } from './server.mjs';

/** All but five minutes of an hour: the strip begins with the last hour. */
const behindMs = 3_300_000;
/** Frames before, amid and after the load, two a second. */
const quietFrames = 8;
const loadFrames = 20;

/** Where writing reaches a disk: /tmp may be memory. */
const folder = mkdtempSync('/var/tmp/hostscope-culprit-');

/** What the script runs: a third of its time it computes, and it writes 1 MiB after the other. */
const program = `const fs = require('fs');
  const file = fs.openSync(process.argv[1], 'w');
  for (const piece = Buffer.alloc(1 << 20); ;) {
    fs.writeSync(file, piece, 0, piece.length, 0);
    fs.fsyncSync(file);
    for (const until = Date.now() + 20; Date.now() < until;);
  }`;

/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
/** The load, on the clock of then. */
const load = { pid: 0, from: 0, to: 0 };

before(async () => {
  const data = join(folder, 'data');
  const then = await startServer(0, { options: ['--interval', '0.5'], under: anHourBehind(), data });
  await frames(then, quietFrames);
  const child = own(spawn(process.execPath, ['-e', program, join(folder, 'written')], { stdio: 'ignore' }));
  [load.pid, load.from] = [Number(child.pid), Date.now() - behindMs];
  await frames(then, loadFrames);
  await end(child);
  load.to = Date.now() - behindMs;
  await frames(then, quietFrames);
  await then.stop();
  [server, browser] = await Promise.all([startServer(0, { data }), launch()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true });
});

/** The command that starts a program on a wall clock that is behind. */
function anHourBehind() {
  const library = join(folder, 'wall-clock.so');
  const source = fileURLToPath(new URL('../../tests/Program/Native/wall-clock.c', import.meta.url));
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source]);
  const offset = Buffer.alloc(8);
  offset.writeBigInt64LE(BigInt(-behindMs / 1000));
  writeFileSync(join(folder, 'offset'), offset);
  return ['env', `LD_PRELOAD=${library}`, `WALL_CLOCK_OFFSET=${join(folder, 'offset')}`];
}

async function frames(of, count) {
  let seen = 0;
  await readStream(of.address, () => ++seen >= count);
}

/** The second that the page shows, Unix ms. */
async function second(page) {
  const shown = await page.waitForFunction(() => {
    const { replay, second: at = '' } = document.querySelector('[data-testid=page]').dataset;
    return replay === 'true' && at !== '' ? at : false;
  });
  return Number(await shown.jsonValue());
}

/** The clock and the process table in sight. */
function shown(page) {
  return page.evaluate(() => ({
    clock: document.querySelector('[data-testid=clock]')?.textContent ?? '',
    rows: [...document.querySelectorAll('[data-testid=process-table] tbody tr:not([hidden])')].map((row) => {
      const cell = (id) => row.querySelector(`.col-${id}`)?.textContent ?? '';
      return { pid: Number(cell('pid')), cpu: cell('cpu'), write: cell('write') };
    }),
  }));
}

test('the load of an hour ago is found by clicking its spike, and the link shows it to somebody else', async (t) => {
  const { page, close } = await open(browser, server.address);
  const strip = page.getByTestId('strip-plot');
  await page.waitForFunction((from) => {
    return 1000 * Number(document.querySelector('[data-testid=strip-plot]')?.getAttribute('aria-valuemin')) <= from;
  }, load.from);
  const plot = await strip.boundingBox();
  const [first, last] = await strip.evaluate((node) => {
    return ['aria-valuemin', 'aria-valuemax'].map((name) => 1000 * Number(node.getAttribute(name)));
  });
  assert.ok(plot && last - first > behindMs / 2, `the strip is ${last - first} ms long`);
  const share = ((load.from + load.to) / 2 - first) / (last - first);
  await page.mouse.click(plot.x + plot.width * share, plot.y + plot.height / 2);
  await page.mouse.move(700, 60);
  const at = await second(page);
  assert.ok(at > load.from && at < load.to, `${at} lies in ${load.from} to ${load.to}`);
  const mine = await shown(page);
  const culprit = mine.rows.findIndex(({ pid }) => pid === load.pid);
  assert.ok(culprit >= 0 && culprit < 5, `the load is row ${culprit}`);
  const { cpu, write } = mine.rows[culprit] ?? {};
  t.diagnostic(`row ${culprit}: ${cpu} CPUs, ${write} MiB/s written`);
  assert.ok(Number(cpu) > 0.05, `CPU: ${cpu}`);
  assert.ok(Number(write) > 0.5, `written: ${write}`);
  await page.waitForFunction(() => new URLSearchParams(location.search).has('t'));
  const other = await open(browser, page.url());
  assert.equal(await second(other.page), at);
  assert.deepEqual(await shown(other.page), mine);
  const picture = process.env['HOSTSCOPE_PICTURE'];
  if (picture !== undefined) {
    await other.page.screenshot({ path: picture });
  }

  await other.close();
  await close();
});
