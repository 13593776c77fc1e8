// Goal: the server only reads what the kernel tells, whatever browsers do: it starts no program, connects to nowhere,
// asks no name server, and no address leads to a file. Method: strace of the published program while a real browser
// uses the page and a list of hostile addresses is asked for.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, open, sample } from './browser.mjs';
import { startServer } from './server.mjs';
import { reachesOut } from './watch.mjs';

/** How long an answer may take on a busy machine under strace. */
const mostAnswerMs = 20_000;

/** How often the start is tried: another process may take the CPUs for a moment, and the quickest start counts. */
const mostStarts = 8;

const calls = 'execve,execveat,fork,vfork,connect,open,openat,openat2';

/** What is opened besides the kernel's files: the program, its libraries and settings, names, time. */
const allowed = [
  /^\/(proc|sys)(\/|$)/,
  /^\/etc\/(ld\.so\.|os-release$|passwd$|machine-id$|hostname$|localtime$|timezone$|hostscope\/)/,
  /^\/usr\/lib\/os-release$/, /^\/usr\/share\/zoneinfo\//, /^(\/usr)?\/lib(64)?\/[^.]*\.so[.\d]*$/,
  /^(\/usr)?\/lib(64)?\/([\w-]+\/)*[\w+-]+\.so[.\d]*$/, /^(\/usr\/lib|\/etc)\/ssl\/openssl\.cnf$/,
  /^\/dev\/(null|urandom|random)$/, new RegExp(`^${dirname(String(process.env['HOSTSCOPE_BIN']))}(/|$)`),
];

/** @type {import('playwright-core').Browser} */
let browser;
const folder = mkdtempSync(join(tmpdir(), 'hostscope-quiet-'));

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Addresses that have led to files, or out of their folder, in some server. */
function hostileTargets() {
  const ups = [
    '..', '%2e%2e', '%2E.', '.%2e', '..%00', '..;', '%252e%252e', '..%c0%af', '%c0%ae%c0%ae', '..\\', '..%5c',
  ];
  const roots = ['/', '/assets/', '/h/', '/h/local/', '/api/v1/hosts/', '/assets', '//', '/./'];
  const files = ['etc/passwd', 'proc/self/environ', 'hostscope.json'];
  const made = roots.flatMap((root) => ups.flatMap((up) => files.map((file) => `${root}${`${up}/`.repeat(5)}${file}`)));
  return [
    ...made, '/%', '/%zz', '/%00', '/%2', '/\\etc\\passwd', '//etc/passwd', '///etc/passwd', '/etc/passwd',
    '/proc/self/environ',
    '/file:///etc/passwd', '/C:/windows/win.ini', '/~root/.ssh/id_rsa', '/.git/config', '/.env', '/index.html/',
    '/index.html%00.js', '/assets/%2e', '/hostscope.json', '/NLog.config', '/appsettings.json', '/web.config',
    `/${'a'.repeat(8000)}`, `/${'../'.repeat(1000)}etc/passwd`, '/api/v1/hosts/..%2f..%2f/stream', '/api/v1/hosts/%00',
  ];
}

/** Sends a request as it is and gives the status of the answer. */
async function statusOf(port, target) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.setTimeout(mostAnswerMs, () => socket.destroy());
  socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
  await once(socket, 'close');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
}

/** The calls of a trace, with the file that each opened, after links and folders have been followed. */
function readTrace(file) {
  // 4242 openat(12</proc>, "77/stat", O_RDONLY|O_CLOEXEC) = 31</proc/77/stat>
  const lines = readFileSync(file, 'utf8').split('\n');
  const named = (name) => lines.filter((line) => new RegExp(`^\\d+ +${name}\\(`).test(line));
  const opens = lines.filter((line) => /^\d+ +open(at2?)?\(/.test(line)).map((line) => {
    const [, folderName = '', path = ''] = /\((?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]*)"/.exec(line) ?? [];
    return path.startsWith('/') ? path : `${folderName}/${path}`;
  });
  const programs = [...named('execve'), ...named('execveat'), ...named('v?fork')];
  return { lines, opens, programs, connects: lines.filter(reachesOut) };
}

test('a browser session makes it run nothing, connect to nowhere, and open only what it shows', async (t) => {
  const trace = join(folder, 'trace');
  const under = ['strace', '-D', '-f', '-qq', '-y', '-s', '300', '-o', trace, '-e', `trace=${calls}`];
  const server = await startServer(0, { under });
  t.after(() => server.stop('SIGKILL'));
  const { page, close } = await open(browser, server.address);
  for (const key of ['1', '3', '5', 'v', 'Escape', '?', 'Escape']) {
    await page.keyboard.press(key);
  }

  for (const tab of await page.getByRole('tab').all()) {
    if (await tab.isVisible()) {
      await tab.click();
      await sample(page, (await sample(page, 0)) + 1);
    }
  }

  await page.reload();
  await sample(page, 3);
  for (const path of ['metrics', 'healthz', 'openapi/v1.json', 'api/v1/status', 'api/v1/hosts/local']) {
    assert.equal((await fetch(`${server.address}/${path}`)).status, 200, path);
  }

  const targets = hostileTargets();
  assert.ok(targets.length >= 200);
  for (const target of targets) {
    // 200 is the page itself: what has been read as a host's name in its address.
    const status = await statusOf(server.port, target);
    const isPage = status === 200 && /^(\/+|\/\.\/|\/index\.html\/?$)*\/?h\//.test(target.replace(/^\/\.\//, '/'));
    assert.ok(isPage || [400, 404, 414].includes(status) || target.startsWith('/index.html'), `${target}: ${status}`);
  }

  await close();
  await server.stop();
  const { lines, opens, programs, connects } = readTrace(trace);
  assert.ok(opens.length > 500, `${opens.length} opens: the trace is not whole`);
  assert.equal(programs.length, 1, programs.join('\n'));
  assert.deepEqual(connects, []);
  assert.deepEqual(lines.filter((line) => line.includes('environ')), []);
  const foreign = [...new Set(opens)].filter((path) =>
    !path.startsWith(`${server.data}/`) && path !== server.data && !allowed.some((pattern) => pattern.test(path)));
  assert.deepEqual(foreign, []);
});

test('a socket that is let go is no connection, every other connect is one', () => {
  const letGo = '{sa_family=AF_UNSPEC, sa_data="\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0"}, 16) = 0';
  assert.equal(reachesOut(`1892  connect(244<socket:[12036604]>, ${letGo}`), false);
  assert.equal(reachesOut(`1892  connect(244, ${letGo}`), false);
  assert.equal(reachesOut('1892  accept4(244, {sa_family=AF_INET}, 16) = 245'), false);
  for (const call of [
    'connect(244<socket:[12]>, {sa_family=AF_UNIX, sun_path="/run/AF_UNSPEC,"}, 17) = -1 ENOENT (No such file)',
    'connect(31, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS (x)',
    'connect(31, {sa_family=AF_INET6, sin6_port=htons(443), ...}, 28 <unfinished ...>', 'connect(31, NULL, 0) = -1',
    'connect(31, 0x7ffe0c5a, 16) = -1 EFAULT (Bad address)',
  ]) {
    assert.equal(reachesOut(`1892  ${call}`), true, call);
  }
});

test('it shows its page within a second, and needs no name server for it', async (t) => {
  let quickest = Infinity;
  for (let i = 0; i < mostStarts && quickest >= 1000; i++) {
    const began = performance.now();
    const server = await startServer();
    t.after(() => server.stop('SIGKILL'));
    assert.equal((await fetch(server.address)).status, 200);
    quickest = Math.min(quickest, performance.now() - began);
    await server.stop();
  }

  assert.ok(quickest < 1000, `${quickest.toFixed()} ms`);
});
