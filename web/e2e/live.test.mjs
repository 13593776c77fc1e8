// Goal: the page shows what the host measures, second by second, the same to everyone. Method: the published program
// and a real browser; what the page shows is compared with the program's own stream.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, open, sample, state, text } from './browser.mjs';
import { readStream, startServer } from './server.mjs';

/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
  server = await startServer();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Shares of all CPUs as a reader of the wire's documentation would compute them. */
function busyOf(schema, frame) {
  const value = (name, labels) => {
    const wanted = JSON.stringify(Object.entries(labels).sort());
    const slot = schema.series.findIndex((series) =>
      series.name === name && JSON.stringify(Object.entries(series.labels ?? {}).sort()) === wanted);
    return slot < 0 ? null : frame.v[slot];
  };
  const names = ['user', 'nice', 'system', 'irq', 'softirq'];
  const modes = names.map((mode) => value('system.cpu.time', { 'cpu.mode': mode }));
  const count = value('system.cpu.logical.count', {});
  return modes.includes(null) || count === null ? null : (100 * modes.reduce((a, b) => a + b, 0)) / count;
}

/** Writes down what each track shows for each sample that is drawn. */
async function recordValues(page) {
  await page.evaluate(() => {
    window['seen'] = {};
    const root = document.querySelector('[data-testid=page]');
    new MutationObserver(() => {
      window['seen'][root.dataset.seq] = document.querySelector('[data-testid=cpu-value]').textContent;
    }).observe(root, { attributes: true, attributeFilter: ['data-seq'] });
  });
}

describe('a fresh page', () => {
  test('is live, names its host, and points arrive without a reload', async () => {
    const { page, close } = await open(browser, server.address);
    await page.evaluate(() => (window['marked'] = true));
    await state(page, 'live');
    const first = await sample(page, 0);
    await sample(page, first + 3);
    assert.equal(await page.evaluate(() => window['marked']), true);
    const facts = await (await fetch(`${server.address}/api/v1/hosts/local`)).json();
    assert.equal(await text(page, 'host-name'), (facts.host ?? facts).name);
    assert.match(await text(page, 'clock'), /^\d\d:\d\d:\d\d$/);
    assert.match(await text(page, 'footer-state'), /^Live · sample \d+\.\d s old · stream \d/);
    await close();
  });

  test('opens with what was measured before it came', async () => {
    const early = await open(browser, server.address);
    await sample(early.page, 4);
    await early.close();
    const { page, close } = await open(browser, server.address);
    await page.keyboard.press('v');
    await page.getByTestId('numbers').locator('tbody tr').first().waitFor();
    const rows = await page.getByTestId('numbers').locator('tbody tr').count();
    assert.ok(rows >= 4, `${rows} samples on opening`);
    await close();
  });
});

test('two browsers show the same values for the same sample', async () => {
  const other = await launch();
  const [one, two] = await Promise.all([open(browser, server.address), open(other, server.address)]);
  await Promise.all([recordValues(one.page), recordValues(two.page)]);
  const from = Math.max(await sample(one.page, 0), await sample(two.page, 0)) + 1;
  await Promise.all([sample(one.page, from + 3), sample(two.page, from + 3)]);
  const [seenByOne, seenByTwo] = await Promise.all([one, two].map(({ page }) => page.evaluate(() => window['seen'])));
  const common = Object.keys(seenByOne).filter((seq) => seq in seenByTwo);
  assert.ok(common.length >= 3, `common samples: ${common.join()}`);
  for (const seq of common) {
    assert.equal(seenByOne[seq], seenByTwo[seq], `sample ${seq}`);
  }

  await one.close();
  await two.close();
  await other.close();
});

test('CPU busy on the page is that of the stream', async () => {
  const { page, close } = await open(browser, server.address);
  await recordValues(page);
  const expected = new Map();
  await readStream(server.address, (schema, frame) => {
    expected.set(String(frame.seq), busyOf(schema, frame));
    return expected.size >= 4;
  });
  await sample(page, Math.max(...[...expected.keys()].map(Number)));
  const seen = await page.evaluate(() => window['seen']);
  const compared = Object.keys(seen).filter((seq) => typeof expected.get(seq) === 'number');
  assert.ok(compared.length >= 2, `compared: ${compared.join()}`);
  for (const seq of compared) {
    // From 100 % on, which the kernel's rounding may give, no decimals are shown.
    const tolerance = expected.get(seq) >= 99.9 ? 0.51 : 0.06;
    const off = Math.abs(Number(seen[seq]) - expected.get(seq));
    assert.ok(off <= tolerance, `${seq}: ${seen[seq]} and ${expected.get(seq)}`);
  }

  await close();
});

test('the line shows one second in all tracks, and does not stop time', async () => {
  const { page, close } = await open(browser, server.address);
  await page.keyboard.press('1');
  const newest = await sample(page, 8);
  const plot = await page.getByTestId('track-cpu').locator('.plot').boundingBox();
  assert.ok(plot);
  await page.mouse.move(plot.x + plot.width * (1 - 3 / 60), plot.y + plot.height / 2);
  await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.cursorSeq !== '');
  const shown = await page.evaluate(() => {
    const root = document.querySelector('[data-testid=page]');
    const tracks = [...document.querySelectorAll('.track[data-track]')];
    const shownBy = tracks.map((track) => track.dataset.seq);
    return { cursor: root.dataset.cursorSeq, newest: root.dataset.seq, tracks: shownBy };
  });
  assert.ok(shown.tracks.length >= 5);
  assert.deepEqual([...new Set(shown.tracks)], [shown.cursor]);
  assert.ok(Number(shown.cursor) < Number(shown.newest));
  const tip = await text(page, 'tip');
  assert.match(tip, /^CPU\s*\d\d:\d\d:\d\d/);
  assert.ok(tip.includes(`${await text(page, 'cpu-value')} % busy`), tip);
  await sample(page, newest + 3);
  await page.mouse.move(10, 10);
  await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.cursorSeq === '');
  await close();
});

test('a hidden page draws nothing and is right again when it is shown', async () => {
  const [hidden, witness] = await Promise.all([open(browser, server.address), open(browser, server.address)]);
  const setHidden = (/** @type {boolean} */ value) => hidden.page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, value);
  await setHidden(true);
  const drawn = await hidden.page.getByTestId('page').getAttribute('data-seq');
  await sample(witness.page, Number(drawn) + 3);
  assert.ok(Number(await hidden.page.getByTestId('page').getAttribute('data-seq')) <= Number(drawn) + 1);
  await setHidden(false);
  await sample(hidden.page, Number(drawn) + 3);
  await hidden.close();
  await witness.close();
});
