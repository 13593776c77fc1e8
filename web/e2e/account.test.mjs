// Goal: the page says who is signed in, lets them out, and when a session ends it leads to the login and back to what
// was shown. Method: a real Chromium against the published program with a user of its own.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { desktop, launch, sample } from './browser.mjs';
import { startServerWithUser, user } from './server.mjs';

/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
  server = await startServerWithUser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A browser of its own, signed in, on the page. */
async function signedIn() {
  const context = await browser.newContext({ viewport: desktop, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(`${server.address}/h/local`);
  await page.fill('input[name=user]', user.name);
  await page.fill('input[name=password]', user.password);
  await page.click('button');
  await page.waitForURL(`${server.address}/h/local`);
  await sample(page, 1);
  return { context, page };
}

test('the page says who is signed in, lists their sessions, and lets them out', async () => {
  const { context, page } = await signedIn();
  assert.equal(await page.getByTestId('account-menu').innerText(), user.name);
  assert.equal(await page.getByTestId('exposed').count(), 0);
  await page.getByTestId('account-menu').click();
  await page.getByText('this one').waitFor();
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const result = await page.evaluate(() => window['axe'].run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(result.violations.map(({ id }) => id), []);
  await page.getByTestId('sign-out').click();
  await page.waitForURL(`${server.address}/login?to=h%2Flocal`);
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});

test('a session that another one ends leads to the login, and back to what was shown', async () => {
  const [one, two] = [await signedIn(), await signedIn()];
  await one.page.getByTestId('account-menu').click();
  await one.page.getByRole('button', { name: 'End', exact: true }).click();
  await two.page.waitForURL(/\/login\?to=h%2Flocal/);
  await two.page.fill('input[name=user]', user.name);
  await two.page.fill('input[name=password]', user.password);
  await two.page.click('button');
  await two.page.waitForURL(`${server.address}/h/local`);
  await sample(two.page, 1);
  await one.context.close();
  await two.context.close();
});
