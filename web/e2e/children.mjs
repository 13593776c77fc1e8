// What tests start ends with them, also when a test throws or the suite is stopped: a child neither keeps its test
// alive nor outlives it.
import { once } from 'node:events';
import { rmSync } from 'node:fs';

/** How long a child may take to end when it is asked to, ms. */
const patienceMs = 10_000;

/** @type {Map<import('node:child_process').ChildProcess, { signal: NodeJS.Signals, folder: string | null }>} */
const children = new Map();

process.on('exit', () => {
  for (const [child, { signal, folder }] of children) {
    child.kill(signal);
    if (folder !== null) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
});
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => process.exit(1));
}

/**
 * Takes care of a child that has just been started.
 * @template {import('node:child_process').ChildProcess} Child
 * @param {Child} child
 * @param {{ signal?: NodeJS.Signals, folder?: string | null }} more What ends it when nobody else does; a folder of its
 *   own, which goes with it.
 * @returns {Child}
 */
export function own(child, { signal = 'SIGKILL', folder = null } = {}) {
  children.set(child, { signal, folder });
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    /** @type {import('node:net').Socket | null} */ (stream)?.unref();
  }

  child.once('exit', () => {
    children.delete(child);
    if (folder !== null) {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return child;
}

/**
 * Ends a child and waits for its end; one that does not listen is killed.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export async function end(child, signal = 'SIGKILL') {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }

  const ended = once(child, 'exit');
  child.ref();
  child.kill(signal);
  const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(killing);
}
