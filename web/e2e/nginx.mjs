// The nginx of the system with the files of deploy/nginx, started and stopped by a test. Only addresses, paths and the
// certificate are put in their place.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { end, own } from './children.mjs';

/** The name that the shipped files have. */
export const name = 'metrics.example.org';

/** What a browser needs to find it: there is no such name. */
export const resolverRules = `--host-resolver-rules=MAP ${name} 127.0.0.1`;

const shipped = fileURLToPath(new URL('../../deploy/nginx/', import.meta.url));
const deadlineMs = 20_000;

/** A port of 127.0.0.1 that nobody listens at. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  server.close();
  return address.port;
}

/** Whether anything listens at a port. */
async function listens(port) {
  const socket = connect(port, '127.0.0.1');
  const [event] = await Promise.race([
    once(socket, 'connect').then(() => ['connect']), once(socket, 'error').then(() => ['error']),
  ]).catch(() => ['error']);
  socket.destroy();
  return event === 'connect';
}

/**
 * Starts it before a server.
 * @param {'/' | '/hostscope/'} path Where the page is: on a name of its own, or below a path of a site.
 * @param {number} backendPort
 * @param {number} [port] Where it listens.
 */
export async function startNginx(path, backendPort, port) {
  const folder = mkdtempSync(join(tmpdir(), 'hostscope-nginx-'));
  port ??= await freePort();
  const inFolder = (file) => join(folder, file);
  mkdirSync(inFolder('snippets'));
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
    '-keyout', inFolder('key.pem'), '-out', inFolder('certificate.pem'),
  ], { stdio: 'ignore' });
  const put = (file, place) => {
    const text = readFileSync(join(shipped, file), 'utf8')
      .replaceAll('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replaceAll('listen [::]:443 ssl;', `listen 127.0.0.2:${port} ssl;`)
      .replaceAll('listen 80;', `listen 127.0.0.3:${port};`)
      .replaceAll('listen [::]:80;', `listen 127.0.0.4:${port};`)
      .replaceAll('127.0.0.1:4678', `127.0.0.1:${backendPort}`)
      .replaceAll(`/etc/ssl/certs/${name}.pem`, inFolder('certificate.pem'))
      .replaceAll(`/etc/ssl/private/${name}.key`, inFolder('key.pem'))
      .replaceAll('/var/log/nginx/', `${folder}/`);
    writeFileSync(inFolder(place), text);
  };
  put('hostscope-common.conf', 'common.conf');
  put('hostscope.conf', 'hostscope.conf');
  put('hostscope-proxy.conf', 'snippets/hostscope-proxy.conf');
  put('hostscope-prefix.conf', 'snippets/hostscope-prefix.conf');
  const site = path === '/' ? `include ${folder}/hostscope.conf;` : `server {
      listen 127.0.0.1:${port} ssl;
      server_name ${name};
      ssl_certificate ${folder}/certificate.pem;
      ssl_certificate_key ${folder}/key.pem;
      include snippets/hostscope-prefix.conf;
    }`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(inFolder('nginx.conf'), `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    pid ${folder}/nginx.pid;
    worker_processes 2;
    worker_shutdown_timeout 1s;
    events { worker_connections 512; }
    http {
      ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n')}
      access_log off;
      include ${folder}/common.conf;
      ${site}
    }`);
  const words = ['-p', folder, '-c', inFolder('nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'];
  // Killed, it would leave its workers behind.
  const child = own(spawn('/usr/sbin/nginx', words, { stdio: 'ignore' }), { signal: 'SIGTERM', folder });
  const began = performance.now();
  while (!(await listens(port))) {
    assert.ok(child.exitCode === null && performance.now() - began < deadlineMs, 'nginx did not start');
    await setImmediate();
  }

  return {
    address: `https://${name}:${port}${path}`,
    reload: () => void child.kill('SIGHUP'),
    stop: () => end(child, 'SIGTERM'),
  };
}
