// Goal: behind nginx, on a name of its own or below a path, the page is what it is without it, and comes back by itself
// when either of the two is started anew. Method: the published program, the nginx of the system with the files that we
// ship, a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { desktop, launch, open, sample, state, text } from './browser.mjs';
import { freePort, name, resolverRules, startNginx } from './nginx.mjs';
import { startServer, startServerWithUser, user } from './server.mjs';

const options = ['--allowed-hosts', name];

/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch([resolverRules]);
});

after(async () => {
  await browser?.close();
});

for (const path of /** @type {const} */ (['/', '/hostscope/'])) {
  test(`the page at ${path} is live, and again after a reload of nginx and a restart of the server`, async (t) => {
    let server = await startServer(0, { options });
    const nginx = await startNginx(path, server.port);
    t.after(async () => {
      await nginx.stop();
      await server.stop('SIGKILL');
    });
    const { page, close } = await open(browser, nginx.address, { ignoreHTTPSErrors: true, mayLoseServer: true });
    await state(page, 'live');
    const first = await sample(page, 2);
    const facts = await (await fetch(`${server.address}/api/v1/hosts/local`)).json();
    assert.equal(await text(page, 'host-name'), (facts.host ?? facts).name);

    // Old workers end after a second and cut their WebSockets; the page reconnects through the new ones.
    const sockets = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    nginx.reload();
    await page.waitForEvent('websocket');
    await state(page, 'live');
    await sample(page, first + 3);
    const inPath = new URL(`${path}api/v1/hosts/local/live`, nginx.address.replace('https', 'wss')).href;
    assert.ok(sockets.every((url) => url.split('?')[0] === inPath), sockets.join());

    await server.stop();
    await state(page, 'reconnecting');
    server = await startServer(server.port, { options });
    await state(page, 'live');
    await page.goto(`${nginx.address}h/local`);
    await sample(page, 1);
    await state(page, 'live');
    await close();
  });
}

for (const path of /** @type {const} */ (['/', '/hostscope/'])) {
  test(`a login at ${path} leads to the page, by a cookie that is sent over TLS alone`, async (t) => {
    const port = await freePort();
    const publicUrl = `https://${name}:${port}`;
    const server = await startServerWithUser(['--public-url', publicUrl]);
    const nginx = await startNginx(path, server.port, port);
    const context = await browser.newContext({ viewport: desktop, ignoreHTTPSErrors: true });
    t.after(async () => {
      await context.close();
      await nginx.stop();
      await server.stop('SIGKILL');
    });
    const page = await context.newPage();
    await page.goto(`${nginx.address}h/local`);
    assert.equal(page.url(), `${nginx.address}login?to=h%2Flocal`);
    await page.fill('input[name=user]', user.name);
    await page.fill('input[name=password]', user.password);
    await page.click('button');
    await page.waitForURL(`${nginx.address}h/local`);
    await sample(page, 1);
    await state(page, 'live');
    const [cookie] = await context.cookies();
    const { httpOnly, secure, sameSite } = cookie ?? {};
    assert.deepEqual({ httpOnly, secure, sameSite }, { httpOnly: true, secure: true, sameSite: 'Strict' });
  });
}
