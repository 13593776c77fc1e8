// The published program, started and stopped by a test.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, own } from './children.mjs';
import { checkCalls, watching } from './watch.mjs';

const startDeadlineMs = 30_000;

/** How long `readStream` reads at most. */
const streamDeadlineMs = 60_000;

/**
 * @typedef {object} Server
 * @property {string} address Where it serves: `http://127.0.0.1:PORT`.
 * @property {number} port
 * @property {string} data Where it records.
 * @property {() => Buffer} log Everything it has written so far, its one line included.
 * @property {(signal: NodeJS.Signals) => void} signal Sends a signal without waiting.
 * @property {(signal?: NodeJS.Signals) => Promise<void>} stop Ends it and waits for its end.
 */

/**
 * Starts the program that HOSTSCOPE_BIN names and waits until it says where it serves.
 * @param {number} port 0 lets the system choose.
 * @param {{ options?: string[], under?: string[], data?: string }} more Options of the program; a command to start it
 *   under, which must become the program, or run beside it, and not stay its parent, in place of the watch that it runs
 *   nothing and connects to nowhere; where it records, when that is to be kept.
 * @returns {Promise<Server>}
 */
export async function startServer(port = 0, { options = [], under, data: kept = '' } = {}) {
  const program = process.env['HOSTSCOPE_BIN'];
  assert.ok(program, 'HOSTSCOPE_BIN must name the published program.');
  const data = kept === '' ? mkdtempSync(join(tmpdir(), 'hostscope-e2e-')) : kept;
  const fixed = ['--listen', `http://127.0.0.1:${port}`, '--data-dir', data];
  const calls = under ? null : join(mkdtempSync(join(tmpdir(), 'hostscope-calls-')), 'calls');
  const [command = '', ...words] = [...(under ?? watching(String(calls))), program, ...fixed, ...options];
  const folder = kept === '' ? data : null;
  const child = own(spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] }), { folder });
  /** @type {Buffer[]} */
  const said = [];
  child.stdout.on('data', (chunk) => said.push(chunk));
  child.stderr.on('data', (chunk) => said.push(chunk));
  const address = await startLine(child);
  return {
    address,
    port: Number(new URL(address).port),
    data,
    log: () => Buffer.concat(said),
    signal: (signal) => void child.kill(signal),
    stop: async (signal = 'SIGTERM') => {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      await end(child, signal);
      if (!isOver && calls !== null) {
        await checkCalls(calls, Number(child.pid));
      }
    },
  };
}

/** Who may log in to the servers of `startServerWithUser`. */
export const user = { name: 'anna', password: 'correct horse battery' };

/**
 * Starts the program for one user, who has to log in.
 * @param {string[]} options
 * @returns {Promise<Server>}
 */
export async function startServerWithUser(options = []) {
  const folder = mkdtempSync(join(tmpdir(), 'hostscope-users-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const users = join(folder, 'users.json');
  const words = ['user', 'add', user.name, '--users', users];
  const added = spawnSync(String(process.env['HOSTSCOPE_BIN']), words, { input: `${user.password}\n` });
  assert.equal(added.status, 0, added.stderr.toString());
  return startServer(0, { options: ['--users', users, ...options] });
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable,
 *   import('node:stream').Readable>} child
 * @returns {Promise<string>}
 */
function startLine(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = () => reject(new Error(`The program did not start in time. It said: ${said}`));
    const deadline = setTimeout(late, startDeadlineMs);
    const listen = (/** @type {Buffer} */ chunk) => {
      said += chunk.toString();
      const line = /\bis showing .* at (http:\/\/127\.0\.0\.1:\d+)/.exec(said);
      if (line?.[1] !== undefined) {
        clearTimeout(deadline);
        resolve(line[1]);
      }
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    const fail = (/** @type {Error} */ error) => {
      clearTimeout(deadline);
      reject(error);
    };
    child.once('exit', (code) => fail(new Error(`The program ended with ${code}. It said: ${said}`)));
    child.once('error', fail);
  });
}

/**
 * Frames of the stream for readers without a browser, with the schema they are in.
 * @param {string} address
 * @param {(schema: {series: {name: string, labels?: Record<string, string>}[]}, frame: {seq: number,
 *   t: number, v: (number | null)[]}) => boolean} take True ends the reading.
 */
export async function readStream(address, take) {
  const ending = new AbortController();
  const reason = new Error('The stream did not bring what was waited for.');
  const late = setTimeout(() => ending.abort(reason), streamDeadlineMs);
  const response = await fetch(`${address}/api/v1/hosts/local/stream`, { signal: ending.signal });
  assert.ok(response.body);
  let text = '';
  let schema = { series: [] };
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const lines = event.split('\n').filter((line) => line.startsWith('data: '));
        const data = lines.map((line) => line.slice(6)).join('');
        const message = data === '' ? {} : JSON.parse(data);
        schema = message.type === 'hello' ? message.schema : message.type === 'schema' ? message : schema;
        if (message.type === 'frame' && take(schema, message)) {
          return;
        }
      }
    }
  } finally {
    clearTimeout(late);
    ending.abort();
  }
}
