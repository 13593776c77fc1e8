// Goal: what a user of the machine calls a process is shown as it is and does nothing: not in the page, not in the
// parser, not in the log. Method: real processes with hostile names and arguments; a real browser; the program's log.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, open, sample } from './browser.mjs';
import { own } from './children.mjs';
import { startServer } from './server.mjs';

/** Samples until every process must have been seen. */
const patience = 20;

const marker = 'hostile-marker';

/** Names as bytes (the kernel keeps 15), and what the page shows: a place holder for what cannot be shown. */
const names = [
  { bytes: '<img src=x>', shown: '<img src=x>' },
  { bytes: '<b id=pwned>', shown: '<b id=pwned>' },
  { bytes: ') R 1 (', shown: ') R 1 (' },
  { bytes: '"\'`&lt;', shown: '"\'`&lt;' },
  { bytes: '\u001b[31mred', shown: '\uFFFD[31mred' },
  { bytes: 'two\nlines', shown: 'two\uFFFDlines' },
  { bytes: '\u202egnp.exe', shown: null },
  { bytes: Buffer.from([0xff, 0xfe, 0x78]), shown: '\uFFFD\uFFFDx' },
];

const argument = '<img src=x onerror=window.pwned=1><script>window.pwned=1</script>\u001b]0;pwned\u0007';

const folder = mkdtempSync(join(tmpdir(), 'hostscope-hostile-'));
/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;

/** Starts a shell under a name of any bytes; it waits for its input, which never comes. */
function start(bytes) {
  const name = Buffer.from(bytes);
  copyFileSync('/bin/sh', Buffer.concat([Buffer.from(`${folder}/`), name]));
  const octal = [...name].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  const words = ['read x; exit 0', marker, argument, 'A'.repeat(4096)];
  const script = `cd "$0" && exec "./$(printf '${octal}')" -c "$@"`;
  const child = own(spawn('/bin/sh', ['-c', script, folder, ...words], { stdio: ['pipe', 'ignore', 'inherit'] }));
  return Number(child.pid);
}

before(async () => {
  browser = await launch();
  server = await startServer();
});

after(async () => {
  await browser?.close();
  await server?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Names by pid, of the rows in sight. */
function rows(page) {
  return page.evaluate(() => Object.fromEntries(
    [...document.querySelectorAll('[data-testid=process-table] tbody tr:not([hidden])')].map((row) => [
      row.querySelector('.col-pid')?.textContent ?? '', row.querySelector('.col-name')?.textContent ?? '',
    ]),
  ));
}

test('hostile names and arguments are shown as text and run nothing', async () => {
  const started = names.map(({ bytes, shown }) => ({ pid: String(start(bytes)), shown }));
  const { page, close } = await open(browser, server.address);
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs++;
    void dialog.dismiss();
  });
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.id === 'process-filter');
  await page.keyboard.type(marker);
  let seen = await rows(page);
  let seq = await sample(page, 0);
  for (let i = 0; i < patience && !started.every(({ pid }) => pid in seen); i++) {
    seq = await sample(page, seq + 1);
    seen = await rows(page);
  }

  for (const { pid, shown } of started) {
    assert.ok(pid in seen, `${pid} is missing in ${JSON.stringify(seen)}`);
    if (shown !== null) {
      assert.ok(seen[pid].startsWith(shown), `${JSON.stringify(seen[pid])} instead of ${JSON.stringify(shown)}`);
    }

    // No control character, and none that turns the direction of what follows it, reaches the reader.
    assert.doesNotMatch(seen[pid], /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  }

  const found = await page.evaluate(() => ({
    pwned: window['pwned'] ?? null,
    elements: document.querySelectorAll('#app img, #app script, #pwned').length,
  }));
  assert.deepEqual(found, { pwned: null, elements: 0 });
  assert.equal(dialogs, 0);
  await close(); // Fails for anything that the content security policy had to stop.
});

test('the log has no control byte, whatever is asked for', async () => {
  const ask = async (path, headers) => {
    const asking = request({ port: server.port, path, headers: { Host: `127.0.0.1:${server.port}`, ...headers } });
    asking.on('error', () => {});
    asking.setTimeout(10_000, () => asking.destroy());
    asking.end();
    await Promise.race([once(asking, 'response').then(([answer]) => answer.resume()), once(asking, 'close')]);
  };
  await ask('/%1b%5b31m%0d%0aforged%00', {});
  await ask('/', { Host: 'evil\u009b31m.example' });
  await ask('/api/v1/hosts/local/stream', { Origin: 'http://evil\u009b31m.example' });
  await ask('/api/v1/hosts/local/stream?topics=%1b%5b31m', {});
  await server.stop();
  const log = server.log();
  const raw = [...log].filter((byte) => (byte < 0x20 && byte !== 0x0a) || byte === 0x7f);
  assert.deepEqual(raw, []);
  assert.ok(!log.toString('utf8').match(/[\u0080-\u009f]/), 'a C1 control');
  assert.ok(!log.toString('utf8').split('\n').some((line) => line.startsWith('forged')));
});
