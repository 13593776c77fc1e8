// Goal: a click brings a whole past second back, to the reader and to whoever gets the link. Method: the published
// program records under load in a real browser; what the page shows is compared with what /moment answers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { desktop, launch, open, phone, sample, text } from './browser.mjs';
import { end, own } from './children.mjs';
import { startServer } from './server.mjs';

/** Samples that are recorded before the first test: a quiet time, a load, a quiet time. */
const quietSamples = 6;
const loadSamples = 12;

/** A step whose second was fetched ahead, ms: the middle one of many. */
const mostStepMs = 50;

/** How often they are measured: on a machine that is busy with something else, the best time is the page's own. */
const mostRounds = 4;

/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
let axe = '';
/** The load of the past: its pid, and when it ran. */
const load = { pid: 0, from: 0, to: 0 };

before(async () => {
  browser = await launch();
  server = await startServer();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const { page, close } = await open(browser, server.address);
  const begun = await sample(page, quietSamples);
  const child = busy('load-of-the-past');
  [load.pid, load.from] = [child.pid, Date.now()];
  const ended = await sample(page, begun + loadSamples);
  await child.end();
  load.to = Date.now();
  await sample(page, ended + quietSamples);
  await close();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A process that takes all the CPU it gets, with a word in its arguments to find it by. */
function busy(word) {
  const child = own(spawn(process.execPath, ['-e', 'for(;;){}', word], { stdio: 'ignore' }));
  return { pid: Number(child.pid), end: () => end(child) };
}

async function moment(at) {
  return (await fetch(`${server.address}/api/v1/hosts/local/moment?at=${at}`)).json();
}

/** The second that the page shows, Unix ms, once it is not `other`. */
async function second(page, other = '') {
  const shown = await page.waitForFunction((not) => {
    const root = document.querySelector('[data-testid=page]');
    const { replay, second: at = '' } = root.dataset;
    return replay === 'true' && at !== '' && at !== not ? at : false;
  }, other);
  return String(await shown.jsonValue());
}

/** Waits until the page shows this second. */
async function shows(page, at) {
  await page.waitForFunction((wanted) => {
    return document.querySelector('[data-testid=page]').dataset.second === wanted;
  }, String(at));
}

async function live(page) {
  await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.replay === 'false');
}

/** Waits until something outside of the page is true. */
async function until(page, isTrue, words) {
  const deadline = Date.now() + 30_000;
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, words);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** What the page shows of the second: headlines, clock, and the rows of the process table in sight. */
function shown(page) {
  return page.evaluate(() => {
    const of = (id) => document.querySelector(`[data-testid=${id}]`)?.textContent ?? '';
    const cells = [...document.querySelectorAll('[data-testid$="-value"], .legend dd[data-testid]')];
    const rows = [...document.querySelectorAll('[data-testid=process-table] tbody tr:not([hidden])')];
    return {
      clock: of('clock'),
      values: Object.fromEntries(cells.map((cell) => [cell.dataset.testid, cell.textContent])),
      rows: rows.map((row) => {
        const cell = (id) => row.querySelector(`.col-${id}`)?.textContent ?? '';
        return { pid: Number(cell('pid')), state: cell('state'), cpu: cell('cpu'), memory: cell('memory') };
      }),
    };
  });
}

/** A reader of the values of a moment by name and labels. */
function valuesOf({ schema, frame }) {
  return (name, labels = {}) => {
    const index = schema.series.findIndex((series) => {
      const own = series.labels ?? {};
      return series.name === name && Object.keys(own).length === Object.keys(labels).length &&
        Object.entries(labels).every(([label, value]) => own[label] === value);
    });
    return frame.v[index] ?? NaN;
  };
}

const close = (shownText, expected, tolerance, what) => {
  const value = Number(shownText.replaceAll(',', ''));
  assert.ok(Math.abs(value - expected) <= tolerance, `${what}: the page shows ${shownText}, recorded was ${expected}`);
};

/** The headlines and the process table must be those of the recorded moment. */
async function compare(page, at) {
  const [seen, recorded] = [await shown(page), await moment(at)];
  assert.equal(recorded.t, Number(at));
  const value = valuesOf(recorded);
  const mode = (name) => value('system.cpu.time', { 'cpu.mode': name });
  const cpus = value('system.cpu.logical.count');
  const work = ['user', 'nice', 'system', 'irq', 'softirq'].reduce((sum, name) => sum + (mode(name) || 0), 0);
  close(seen.values['cpu-value'], (100 * work) / cpus, 0.51, 'CPU');
  close(seen.values['cpu-user'], (100 * mode('user')) / cpus, 0.06, 'user');
  close(seen.values['load-value'], value('system.cpu.load_average.1m'), 0.06, 'load');
  const usage = (state) => value('system.memory.usage', { 'system.memory.state': state });
  const used = (usage('used') + usage('shared') + usage('kernel')) / 1024 ** 3;
  close(seen.values['memory-value'], used, 0.06, 'memory');
  const { rows } = recorded.processes;
  const expected = new Map(rows.map(([pid, state, cpu]) => [pid, { state, cpu }]));
  assert.ok(seen.rows.length >= 10, `${seen.rows.length} rows`);
  const busiest = rows.map(([, , cpu]) => cpu ?? 0).sort((a, b) => b - a);
  seen.rows.forEach(({ pid, state, cpu }, i) => {
    const row = expected.get(pid);
    assert.ok(row, `process ${pid} was not recorded`);
    assert.equal(state, row.state, `state of ${pid}`);
    close(cpu === '–' || cpu === 'n/a' ? '0' : cpu, row.cpu ?? 0, 0.0051, `CPU of ${pid}`);
    close(cpu === '–' || cpu === 'n/a' ? '0' : cpu, busiest[i] ?? 0, 0.0051, `row ${i}`);
  });
  return seen;
}

async function clickTrack(page, share) {
  const plot = await page.getByTestId('track-cpu').locator('.plot').boundingBox();
  assert.ok(plot);
  await page.mouse.click(plot.x + plot.width * share, plot.y + plot.height / 2);
  await page.mouse.move(700, 60);
}

async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window['axe'].run(document, { resultTypes: ['violations'] }));
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

test('rewinding under live load: every headline and the process table equal what /moment answers', async (t) => {
  const other = busy('load-of-now');
  t.after(other.end);
  const { page, close: leave } = await open(browser, server.address);
  await page.keyboard.press('1');
  await sample(page, 3);
  await clickTrack(page, 0.9);
  const first = await second(page);
  await compare(page, first);
  await sample(page, (await sample(page, 0)) + 2);
  await compare(page, first);
  await page.keyboard.press('ArrowLeft');
  const before = await second(page, first);
  assert.equal(Number(before), (await moment(first)).before);
  await compare(page, before);
  await page.keyboard.press('Shift+ArrowLeft');
  await compare(page, await second(page, before));
  await page.keyboard.press('l');
  await live(page);
  await leave();
});

test('the link opened in another browser context shows the same second, Back leads back to now', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await page.keyboard.press('1');
  await clickTrack(page, 0.85);
  const at = await second(page);
  await page.waitForFunction((wanted) => {
    return Date.parse(new URLSearchParams(location.search).get('t') ?? '') === Number(wanted);
  }, at);
  const one = await compare(page, at);
  const other = await open(browser, page.url());
  await shows(other.page, at);
  const two = await compare(other.page, at);
  assert.deepEqual(two.values, one.values);
  assert.equal(two.clock, one.clock);
  await other.close();
  await page.goBack();
  await live(page);
  assert.equal(new URL(page.url()).search, '');
  await page.goForward();
  await shows(page, at);
  await leave();
});

test('a load of the past is found by clicking the strip where it ran, and the table names the culprit', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await sample(page, 2);
  const plot = await page.getByTestId('strip-plot').boundingBox();
  const [first, last] = await page.getByTestId('strip-plot').evaluate((node) => {
    return [Number(node.getAttribute('aria-valuemin')), Number(node.getAttribute('aria-valuemax'))];
  });
  assert.ok(plot);
  const share = ((load.from + load.to) / 2000 - first) / (last - first);
  await page.mouse.click(plot.x + plot.width * share, plot.y + 20);
  await page.mouse.move(700, 60);
  const at = Number(await second(page));
  assert.ok(at > load.from && at < load.to, `${at} lies in ${load.from} to ${load.to}`);
  const { rows } = await compare(page, at);
  const culprit = rows.findIndex(({ pid }) => pid === load.pid);
  // How high it stands depends on what else runs here; that the order is right was compared above.
  assert.ok(culprit >= 0, `the load ${load.pid} is not in sight: ${JSON.stringify(rows)}`);
  assert.ok(Number(rows[culprit]?.cpu) > 0.02, `the load used ${rows[culprit]?.cpu} CPUs`);
  assert.match(await text(page, 'ago'), / ago$/);
  await page.keyboard.press('1');
  await page.locator('.tracks-inner[data-window="60000"]').waitFor();
  const line = await page.getByTestId('playhead').boundingBox();
  const plots = await page.getByTestId('track-cpu').locator('.plot').boundingBox();
  assert.ok(line && plots && line.x >= plots.x - 2 && line.x <= plots.x + plots.width, 'the moment is in the window');
  const linked = await open(browser, `${server.address}/?t=${new Date(load.from).toISOString()}&w=10s`);
  await second(linked.page);
  const there = await linked.page.getByTestId('playhead').boundingBox();
  assert.ok(there && there.x >= plots.x - 2 && there.x <= plots.x + plots.width, 'the linked moment is in the window');
  await linked.close();
  await leave();
});

/** Presses a key and waits for another second; how long that took, ms. */
function stepMs(page, key) {
  return page.evaluate((pressed) => new Promise((resolve) => {
    const root = document.querySelector('[data-testid=page]');
    const from = performance.now();
    const seen = new MutationObserver(() => {
      seen.disconnect();
      resolve(performance.now() - from);
    });
    seen.observe(root, { attributeFilter: ['data-second'] });
    document.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, bubbles: true }));
  }), key);
}

test('a step to a second that was fetched ahead takes no time and no question', async (t) => {
  const { page, close: leave } = await open(browser, server.address);
  await page.keyboard.press('1');
  const [asked, fetched] = [[], new Set()];
  const timeOf = (address) => {
    const { pathname, searchParams } = new URL(address);
    return pathname.endsWith('/moment') ? Number(searchParams.get('at')) : NaN;
  };
  page.on('request', (request) => asked.push(timeOf(request.url())));
  page.on('requestfinished', (request) => fetched.add(timeOf(request.url())));
  await clickTrack(page, 0.8);
  let at = await second(page);
  const medians = [];
  for (let round = 0; round < mostRounds && !(medians.at(-1) <= mostStepMs); round++) {
    const took = [];
    for (let i = 0; i < 12; i++) {
      const key = round % 2 === 0 ? 'ArrowLeft' : 'ArrowRight';
      const { before, after: following } = await moment(at);
      const next = key === 'ArrowLeft' ? before : following;
      await until(page, () => fetched.has(next), `${next} is not fetched ahead`);
      took.push(await stepMs(page, key));
      at = await second(page, at);
      assert.equal(at, String(next));
    }

    took.sort((a, b) => a - b);
    medians.push(took[6]);
    t.diagnostic(`steps: median ${took[6].toFixed(1)} ms, slowest ${took[11].toFixed(1)} ms`);
  }

  assert.ok(medians.at(-1) <= mostStepMs, `the middle steps took ${medians.join(', ')} ms`);
  const moments = asked.filter((time) => !Number.isNaN(time));
  assert.equal(new Set(moments).size, moments.length, 'a second was asked for twice');
  await leave();
});

test('the window that is chosen keeps the moment in sight, and the address says it', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await clickTrack(page, 0.95);
  const at = await second(page);
  const place = async () => {
    const [line, plot] = await Promise.all([
      page.getByTestId('playhead').boundingBox(), page.getByTestId('track-cpu').locator('.plot').boundingBox(),
    ]);
    return (line.x - plot.x) / plot.width;
  };
  const before = await place();
  await page.getByTestId('window-1m').click();
  await page.locator('.tracks-inner[data-window="60000"]').waitFor();
  await page.waitForFunction(() => new URLSearchParams(location.search).get('w') === '1m');
  assert.ok(Math.abs((await place()) - before) < 0.02, `from ${before} to ${await place()}`);
  await shows(page, at);
  const covered = await page.evaluate(() => {
    const tag = document.querySelector('.axis .tag').getBoundingClientRect();
    const labels = [...document.querySelectorAll('.axis .axis-ticks span')].filter((label) => {
      const box = label.getBoundingClientRect();
      return getComputedStyle(label).visibility === 'visible' && box.right > tag.left && box.left < tag.right;
    });
    return labels.map((label) => label.textContent);
  });
  assert.deepEqual(covered, [], 'labels under the tag of the moment');
  await leave();
});

test('the address follows while the hand still drags', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await page.keyboard.press('1');
  await clickTrack(page, 0.9);
  await second(page);
  const addresses = new Set();
  const plot = await page.getByTestId('strip-plot').boundingBox();
  const window = await page.evaluate(() => new URLSearchParams(location.search).get('t'));
  const share = await page.getByTestId('strip-plot').evaluate((node, t) => {
    const [first, last] = [Number(node.getAttribute('aria-valuemin')), Number(node.getAttribute('aria-valuemax'))];
    return (Date.parse(t) / 1000 - first) / (last - first);
  }, window);
  const x = plot.x + plot.width * share;
  await page.mouse.move(x, plot.y + 20);
  await page.mouse.down();
  await until(page, async () => {
    await page.mouse.move(x - 6 * (1 + (addresses.size % 2)) - Math.random() * 4, plot.y + 20);
    addresses.add(await page.evaluate(() => location.search));
    return addresses.size >= 4;
  }, 'the address stands still');
  await page.mouse.up();
  await leave();
});

test('an address that asks for what there is not says so and leads to the live page', async () => {
  for (const part of ['t=soon', 'w=9999d', `r=2026-11-24T13:03:41Z/2026-11-24T13:02:18Z`]) {
    const { page, close: leave } = await open(browser, `${server.address}/?${part}`);
    await page.getByTestId('notice').waitFor();
    const notice = await text(page, 'notice');
    assert.match(notice, /^The address asks for [trw]=.*This is the live page\.$/);
    await live(page);
    await leave();
  }
});

test('a server that does not answer is said, and what was asked for comes when it is back', async (t) => {
  const other = await startServer();
  t.after(() => other.stop('SIGKILL'));
  const { page, close: leave } = await open(browser, other.address, { mayLoseServer: true });
  await page.keyboard.press('1');
  await sample(page, 8);
  await other.stop('SIGKILL');
  await page.keyboard.press('Space');
  await page.getByTestId('past-note').getByText('The server does not answer.').waitFor();
  const again = await startServer(other.port);
  t.after(() => again.stop('SIGKILL'));
  await page.getByTestId('past-note').getByText('The server does not answer.').waitFor({ state: 'detached' });
  await leave();
});

test('a drag selects a range that the address keeps, Esc clears, files of it can be had', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await page.keyboard.press('1');
  await sample(page, 3);
  // The live window moves on under a hand that is slow.
  await page.keyboard.press('Space');
  const stood = await second(page);
  const plot = await page.getByTestId('track-memory').locator('.plot').boundingBox();
  assert.ok(plot);
  await page.mouse.move(plot.x + plot.width * 0.7, plot.y + 10);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.9, plot.y + 12, { steps: 4 });
  await page.mouse.up();
  await page.getByTestId('selected').waitFor();
  await second(page, stood);
  const range = new URLSearchParams(new URL(page.url()).search).get('r') ?? '';
  const [from, to] = range.split('/').map((time) => Date.parse(time));
  assert.ok(Math.abs(to - from - 12_000) < 2500, `selected ${range}`);
  assert.equal(await page.locator('[data-testid=process-table] th[aria-sort]').innerText(), 'Memory');
  await page.keyboard.press('x');
  const href = await page.getByTestId('export-csv').getAttribute('href');
  const csv = await (await fetch(`${server.address}${href}`)).text();
  const lines = csv.trim().split('\n');
  assert.match(lines[0] ?? '', /^time,unix_ms,/);
  assert.ok(Math.abs(lines.length - 1 - (to - from) / 1000) <= 2, `${lines.length} lines`);
  await page.keyboard.press('Escape');
  await page.getByTestId('export-dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByTestId('selected').waitFor({ state: 'detached' });
  assert.equal(await page.getByTestId('page').getAttribute('data-replay'), 'true');
  await page.goBack();
  await page.getByTestId('selected').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await live(page);
  await leave();
});

test('playing goes through the seconds and ends in the present; a time can be typed', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await sample(page, 2);
  await page.keyboard.press('g');
  await page.getByTestId('goto-time').fill('-20s');
  const earliest = Date.now();
  await page.keyboard.press('Enter');
  const from = Number(await second(page));
  // The sample at or before that time, by the clock of the moment at which the key was heard.
  assert.ok(from > earliest - 20_000 - 3000 && from <= Date.now() - 20_000, `${from}, asked after ${earliest}`);
  await page.keyboard.press('Space');
  assert.equal(Number(await second(page, String(from))), (await moment(from)).after);
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press('>');
  }

  await live(page);
  // What is typed before the dialog is there does nothing to the page behind it.
  await page.keyboard.press('g');
  await page.keyboard.press('1');
  await page.getByTestId('goto-time').waitFor();
  assert.equal(await page.getByTestId('window-5m').getAttribute('aria-pressed'), 'true');
  await page.getByTestId('goto-time').fill('soon');
  assert.match(await text(page, 'goto-help'), /^This is not a time/);
  await page.keyboard.press('Escape');
  await leave();
});

test('a time before everything says that nothing was recorded, and leads to what was', async () => {
  const { page, close: leave } = await open(browser, `${server.address}/?t=2020-01-01T00:00:00Z`);
  await page.getByTestId('past-note').waitFor();
  assert.match(await text(page, 'past-note'), /^Nothing was recorded/);
  assert.equal(await text(page, 'cpu-value'), '–');
  assert.equal((await shown(page)).rows.length, 0);
  await page.getByTestId('data-after').click();
  const first = await second(page);
  await page.keyboard.press('ArrowRight');
  await compare(page, await second(page, first));
  await leave();
});

test('the part that no page holds any more is drawn from the recorder', async () => {
  const { page, close: leave } = await open(browser, server.address);
  await page.keyboard.press('4');
  await page.locator('.tracks-inner[data-window="3600000"]').waitFor();
  await page.waitForFunction(() => /min\/avg\/max$/.test(document.querySelector('.axis-title').textContent));
  assert.match(await text(page, 'cpu-value'), /^\d/);
  await page.keyboard.press('v');
  await page.getByTestId('numbers').waitFor();
  assert.match(await text(page, 'numbers'), /averages, newest first/);
  await page.keyboard.press('Escape');
  await leave();
});

describe('axe finds nothing in replay', () => {
  for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
    for (const [name, viewport] of Object.entries({ desktop, phone })) {
      test(`on the ${colorScheme} page, ${name}`, async () => {
        const at = new Date(load.from + 2000).toISOString();
        const address = `${server.address}/?t=${at}&r=${new Date(load.from).toISOString()}/${at}`;
        const { page, close: leave } = await open(browser, address, { viewport, colorScheme, reducedMotion: 'reduce' });
        await second(page);
        assert.deepEqual(await violations(page), []);
        await page.keyboard.press('x');
        await page.getByTestId('export-dialog').waitFor();
        assert.deepEqual(await violations(page), []);
        await page.keyboard.press('Escape');
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
        await leave();
      });
    }
  }
});
