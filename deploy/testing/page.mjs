#!/usr/bin/env node
// Looks at a running Hostscope as a browser would, by HTTP alone: page.mjs URL [CERTIFICATE]. Nothing is said and the
// exit code is 0 when the page, its files, the API and three frames over WebSocket come. In the environment:
//   CONNECT_TO=ADDRESS[:PORT]   where the URL's name leads
//   LOGIN=USER:PASSWORD         without it nothing comes but the login page; with it all
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as http } from "node:http";
import { request as https } from "node:https";

const [url, certificate] = process.argv.slice(2);
const base = new URL(url);
const tls = base.protocol === "https:" ? { ca: certificate && readFileSync(certificate) } : {};
const open = base.protocol === "https:" ? https : http;
const usual = base.port || (base.protocol === "https:" ? 443 : 80);
const [address, port = usual] = (process.env.CONNECT_TO ?? base.hostname).split(":");
const wait = 20_000;

let cookie = "";

/** A request to the address that CONNECT_TO names, under the name of the URL. */
function start(path, headers = {}, method = "GET") {
  const to = { host: address, servername: base.hostname, port, path, method };
  return open({ ...tls, ...to, headers: { Host: base.host, ...(cookie && { Cookie: cookie }), ...headers } });
}

function get(path) {
  return new Promise((resolve, reject) => {
    const asked = start(path);
    asked.on("error", reject);
    asked.on("response", (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const body = Buffer.concat(parts).toString();
        response.statusCode === 200
          ? resolve(body)
          : reject(new Error(`GET ${path}: ${response.statusCode} ${body.slice(0, 200)}`));
      });
    });
    asked.end();
  });
}

/**
 * Takes whole texts off the front of what has come: frames of a server are not masked, and a text may be in several,
 * RFC 6455, 5.2 and 5.4.
 */
class Texts {
  rest = Buffer.alloc(0);
  parts = [];

  *take(bytes) {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (let frame = this.frame(); frame; frame = this.frame()) {
      if (frame.opcode > 2) continue;
      this.parts.push(frame.payload);
      if (frame.last) {
        yield Buffer.concat(this.parts).toString();
        this.parts = [];
      }
    }
  }

  frame() {
    const { rest } = this;
    const short = rest.length < 2 ? 0 : rest[1] & 127;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (rest.length < head) return null;
    const length = short === 127 ? Number(rest.readBigUInt64BE(2)) : short === 126 ? rest.readUInt16BE(2) : short;
    if (rest.length < head + length) return null;
    this.rest = rest.subarray(head + length);
    return { opcode: rest[0] & 15, last: (rest[0] & 128) !== 0, payload: rest.subarray(head, head + length) };
  }
}

function frames(count) {
  return new Promise((resolve, reject) => {
    const asked = start("/api/v1/hosts/local/live", {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      Origin: base.origin,
    });
    asked.on("error", reject);
    asked.on("response", (response) => reject(new Error(`WebSocket: ${response.statusCode}`)));
    asked.on("upgrade", (_, socket, first) => {
      const reader = new Texts();
      const seen = [];
      const take = (bytes) => {
        for (const text of reader.take(bytes)) seen.push(JSON.parse(text));
        if (seen.filter((message) => message.type === "frame").length >= count) {
          socket.destroy();
          resolve(seen);
        }
      };
      socket.on("data", take);
      socket.on("error", reject);
      take(first);
    });
    asked.end();
  });
}

/** Fills in the login page's form; the answer is the session's cookie. */
function login(user, password) {
  return new Promise((resolve, reject) => {
    const body = new URLSearchParams({ user, password }).toString();
    const asked = start("/login", {
      Origin: base.origin,
      "Content-Type": "application/x-www-form-urlencoded",
      "Content-Length": Buffer.byteLength(body),
    }, "POST");
    asked.on("error", reject);
    asked.on("response", (response) => {
      response.resume();
      const [given] = response.headers["set-cookie"] ?? [];
      given
        ? resolve(given)
        : reject(new Error(`POST /login: ${response.statusCode}, no cookie`));
    });
    asked.end(body);
  });
}

/** What must not come without a login. */
async function logIn(user, password) {
  for (const path of ["/", "/api/v1/hosts/local", "/metrics"]) {
    const body = await get(path).catch(() => "");
    if (body) throw new Error(`GET ${path} came without a login`);
  }
  await frames(1).then(
    () => { throw new Error("frames came without a login"); },
    (refused) => { if (!/WebSocket: 40[13]/.test(refused.message)) throw refused; },
  );
  const wrong = await login(user, `${password}?`).catch(() => null);
  if (wrong) throw new Error("a wrong password is right");
  const given = await login(user, password);
  if (base.protocol === "https:" && !/^__Host-.*; Secure/.test(given)) throw new Error(`the cookie is ${given}`);
  cookie = given.split(";")[0];
}

setTimeout(() => {
  console.error(`page: not all came within ${wait / 1000} s`);
  process.exit(1);
}, wait);
if (process.env.LOGIN) await logIn(...process.env.LOGIN.split(":"));
const page = await get(base.pathname);
const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
if (!files.some((file) => file.endsWith(".js"))) throw new Error("the page has no script");
for (const file of files) await get(new URL(file, base).pathname);
JSON.parse(await get("/api/v1/status"));
const seen = await frames(3);
if (seen[0].type !== "hello") throw new Error(`the first message is ${seen[0].type}`);
const sequence = seen.filter((message) => message.type === "frame").map((frame) => frame.seq);
if (sequence.some((seq, index) => index > 0 && seq !== sequence[index - 1] + 1)) throw new Error(`frames ${sequence}`);
// Not until the server has closed every connection.
process.exit(0);
