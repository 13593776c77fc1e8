// What no server of any browser test may ever do, but for the one execve that starts it: run a program, connect to
// somewhere. Looked at by strace with a filter in the kernel, so that everything else costs what it costs without.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const forbidden = 'trace=execve,execveat,fork,vfork,connect';

/** How long strace may take to write what it has seen, ms. */
const patienceMs = 10_000;

/**
 * Whether a call in a trace reaches out to somewhere. A connect without a family is the opposite, a socket let go:
 * connect(2), "dissolve the association by connecting to an address with the sa_family member of sockaddr set to
 * AF_UNSPEC". The runtime does it, again and again, to a socket that is closed while another thread is within a call on
 * it, so that this call returns.
 * @param {string} line
 */
export function reachesOut(line) {
  // 4242  connect(231, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0
  // 4242  connect(244, {sa_family=AF_UNSPEC, sa_data="\0\0\0\0\0\0\0\0\0\0\0\0\0\0"}, 16) = 0
  return /^\d+ +connect\(/.test(line) && !/^\d+ +connect\(\d+(<[^>]*>)?, \{sa_family=AF_UNSPEC[,}]/.test(line);
}

/**
 * The command to start a program under; it becomes the program.
 * @param {string} file Takes the calls; alone in its folder, which goes when they have been looked at.
 */
export function watching(file) {
  return ['strace', '-D', '-f', '-q', '--seccomp-bpf', '-o', file, '-e', forbidden, '-e', 'signal=kill'];
}

/**
 * Fails unless the calls of a program that has ended begin with its own start and are no more.
 * @param {string} file
 * @param {number} pid
 */
export async function checkCalls(file, pid) {
  // 4242  execve("/.../hostscope", ["hostscope", "--listen", ...], 0x7ffe0c5a /* 20 vars */) = 0
  // 4242  +++ exited with 0 +++
  const last = new RegExp(`^${pid} +\\+\\+\\+ `, 'm');
  const deadline = performance.now() + patienceMs;
  let text = readFileSync(file, 'utf8');
  for (; !last.test(text); text = readFileSync(file, 'utf8')) {
    assert.ok(performance.now() < deadline, `the trace has no end: ${text.slice(-500)}`);
    await pause(10); // It is written by a process of its own.
  }

  rmSync(dirname(file), { recursive: true });
  const calls = text.split('\n').filter((line) => /^\d+ +(?!connect\()\w/.test(line) || reachesOut(line));
  assert.match(calls[0] ?? '', /^\d+ +execve\(/);
  assert.deepEqual(calls.slice(1), []);
}
