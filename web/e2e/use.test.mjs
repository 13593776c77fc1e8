// Goal: the page can be used by keyboard, on a phone, in both themes, by everyone. Method: keys and axe in a real
// browser.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { desktop, launch, open, phone, sample, text } from './browser.mjs';
import { startServer } from './server.mjs';

/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
let axe = '';

before(async () => {
  browser = await launch();
  server = await startServer();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What axe finds wrong, in words. */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window['axe'].run(document, { resultTypes: ['violations'] }));
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

describe('axe finds nothing', () => {
  for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
    for (const [name, viewport] of Object.entries({ desktop, narrow: { width: 1100, height: 800 }, phone })) {
      test(`on the ${colorScheme} page, ${name}`, async () => {
        const { page, close } = await open(browser, server.address, { viewport, colorScheme, reducedMotion: 'reduce' });
        await sample(page, 2);
        assert.deepEqual(await violations(page), []);
        await page.keyboard.press('?');
        await page.getByTestId('keys').waitFor();
        assert.deepEqual(await violations(page), []);
        await page.keyboard.press('Escape');
        await page.keyboard.press('v');
        await page.getByTestId('numbers').waitFor();
        assert.deepEqual(await violations(page), []);
        await close();
      });
    }

    test(`on the host's panel of a phone, ${colorScheme}`, async () => {
      const { page, close } = await open(browser, server.address, { viewport: phone, colorScheme });
      await page.getByTestId('tab-host').click();
      assert.deepEqual(await violations(page), []);
      await close();
    });
  }
});

describe('the theme', () => {
  test('follows the system, and the reader\'s choice outlives the page', async () => {
    const { page, close } = await open(browser, server.address);
    const dark = await background(page);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await background(page);
    assert.notEqual(dark, light);
    await page.keyboard.press('t');
    assert.equal(await background(page), dark);
    await page.reload();
    await sample(page, 1);
    assert.equal(await background(page), dark);
    await page.getByTestId('theme').click();
    await page.getByTestId('theme').click();
    assert.equal(await background(page), light);
    await close();
  });
});

describe('keys', () => {
  test('choose the window, walk the tracks, read seconds and numbers', async () => {
    const { page, close } = await open(browser, server.address);
    await sample(page, 4);
    for (const [key, length] of [['1', '60000'], ['3', '900000'], ['2', '300000']]) {
      await page.keyboard.press(key);
      await page.locator(`.tracks-inner[data-window="${length}"]`).waitFor();
    }

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.equal(await page.evaluate(() => document.activeElement?.dataset.track), 'cores');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.replay === 'true');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.replay === 'false');
    await page.keyboard.press('v');
    assert.match(await text(page, 'numbers'), /^Cores/);
    await page.keyboard.press('Escape');
    await page.getByTestId('numbers').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.dataset.track), 'cores');
    await close();
  });

  test('can be switched off, except those that are no letters', async () => {
    const { page, close } = await open(browser, server.address);
    await page.keyboard.press('?');
    await page.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await page.getByTestId('keys').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.keyboard.press('1');
    assert.equal(await page.getByTestId('keys').count(), 0);
    assert.equal(await page.getByTestId('window-5m').getAttribute('aria-pressed'), 'true');
    await page.getByTestId('help').click();
    await page.getByTestId('keys').waitFor();
    await close();
  });

  test('a track says its values in words', async () => {
    const { page, close } = await open(browser, server.address);
    await sample(page, 3);
    const label = await page.getByTestId('track-cpu').getAttribute('aria-label');
    assert.match(label ?? '', /^CPU [\d.]+ % busy, user [\d.]+, nice [\d.]+, system/);
    await close();
  });
});

describe('on a phone', () => {
  test('nothing is wider than the screen, and what is touched is large enough', async () => {
    const { page, close } = await open(browser, server.address, { viewport: phone, hasTouch: true });
    await sample(page, 2);
    const { wide, small } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      small: [...document.querySelectorAll('button')]
        .map((button) => ({ words: button.textContent, box: button.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44))
        .map(({ words, box }) => `${words} ${box.width}x${box.height}`),
    }));
    assert.equal(wide, phone.width);
    assert.deepEqual(small, []);
    await close();
  });

  test('clock and state are docked below, tracks and host take turns', async () => {
    const { page, close } = await open(browser, server.address, { viewport: phone, hasTouch: true });
    const dock = await page.getByTestId('live-state').boundingBox();
    assert.ok(dock !== null && dock.y > phone.height / 2);
    assert.equal(await page.getByTestId('track-cpu').isVisible(), true);
    await page.getByTestId('tab-host').click();
    await page.getByTestId('facts').waitFor();
    assert.equal(await page.getByTestId('track-cpu').isVisible(), false);
    await page.getByTestId('tab-tracks').click();
    await page.getByTestId('track-cpu').locator('.plot').tap();
    await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.replay === 'true');
    await page.getByTestId('go-live').tap();
    await page.waitForFunction(() => document.querySelector('[data-testid=page]').dataset.replay === 'false');
    await close();
  });
});
