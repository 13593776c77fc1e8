// Goal: a person can log in and out, without JavaScript as well, and is led back to where they were going. Method: a
// real Chromium against the published program with a user of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { desktop, launch } from './browser.mjs';
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

for (const javaScriptEnabled of [true, false]) {
  test(`logging in and out ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    const context = await browser.newContext({ viewport: desktop, colorScheme: 'dark', javaScriptEnabled });
    const page = await context.newPage();
    /** @type {string[]} */
    const broken = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) {
        broken.push(message.text());
      }
    });

    await page.goto(`${server.address}/h/local`);
    assert.equal(page.url(), `${server.address}/login?to=h%2Flocal`);
    await page.fill('input[name=user]', user.name);
    await page.fill('input[name=password]', 'another password');
    await page.click('button');
    assert.equal(await page.textContent('[role=alert]'), 'The name or the password is wrong.');
    assert.equal(await page.inputValue('input[name=user]'), user.name);

    await page.fill('input[name=password]', user.password);
    await page.click('button');
    await page.waitForURL(`${server.address}/h/local`);
    const [cookie] = await context.cookies();
    assert.deepEqual(
      [cookie?.name, cookie?.httpOnly, cookie?.sameSite],
      ['hostscope-local', true, 'Strict'],
    );

    await page.goto(`${server.address}/login`);
    assert.match((await page.textContent('main')) ?? '', /logged in as anna/);
    await page.click('text=Log out');
    await page.waitForURL(`${server.address}/login`);
    assert.deepEqual(await context.cookies(), []);
    assert.deepEqual(broken, []);
    await context.close();
  });
}
