// Goal: the page never says live when it is not, keeps what it has, and recovers by itself. Method: the program is
// stopped in its tracks, killed, ended and started again under an open page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, sample, state, text } from './browser.mjs';
import { startServer } from './server.mjs';

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

test('a host that stops answering is late, then stale with its age, and live again when it answers', async (t) => {
  const server = await startServer();
  t.after(() => server.stop('SIGKILL'));
  const { page, close } = await open(browser, server.address, { mayLoseServer: true });
  await sample(page, 3);
  server.signal('SIGSTOP');
  await state(page, 'late');
  await state(page, 'stale');
  assert.match(await text(page, 'live-state'), /^STALE \d+ s/);
  assert.match(await text(page, 'message'), /^No sample for \d+ s/);
  assert.equal(await page.getByTestId('page').getAttribute('data-old'), 'true');
  const kept = await text(page, 'cpu-value');
  assert.match(kept, /^\d/);
  server.signal('SIGCONT');
  await state(page, 'live');
  await close();
});

test('a killed server is dialled until it is back, and the page keeps what it had', async (t) => {
  const first = await startServer();
  t.after(() => first.stop('SIGKILL'));
  const { page, close } = await open(browser, first.address, { mayLoseServer: true });
  await page.evaluate(() => (window['marked'] = true));
  const before = await sample(page, 5);
  await first.stop('SIGKILL');
  await state(page, 'reconnecting');
  assert.match(await text(page, 'message'), /connection was lost.*Attempt \d+/s);
  const second = await startServer(first.port);
  t.after(() => second.stop('SIGKILL'));
  await state(page, 'live');
  // The new server counts from one again.
  await page.waitForFunction((before) => {
    const seq = Number(document.querySelector('[data-testid=page]').dataset.seq);
    return seq >= 2 && seq < before;
  }, before);
  assert.equal(await page.evaluate(() => window['marked']), true);
  await page.keyboard.press('v');
  await page.getByTestId('numbers').locator('tbody tr').first().waitFor();
  const rows = await page.getByTestId('numbers').locator('tbody tr').count();
  assert.ok(rows >= 6, `${rows} samples: those before the break and those after it`);
  await close();
});

test('a server that ends says so, and the reader can dial at once', async (t) => {
  const first = await startServer();
  t.after(() => first.stop('SIGKILL'));
  const { page, close } = await open(browser, first.address, { mayLoseServer: true });
  await sample(page, 2);
  await first.stop('SIGTERM');
  await state(page, 'reconnecting');
  assert.match(await text(page, 'message'), /server is going down/);
  const second = await startServer(first.port);
  t.after(() => second.stop('SIGKILL'));
  await page.keyboard.press('r');
  await state(page, 'live');
  await close();
});
