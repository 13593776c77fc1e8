#!/usr/bin/env node
// Looks at a running Hostscope as a browser would, by HTTP alone: page.mjs URL [CERTIFICATE]. Nothing is said and the
// exit code is 0 when the page, its files, the API and three frames over WebSocket come.
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

/** A request to the address that CONNECT_TO names, under the name of the URL. */
function start(path, headers = {}) {
  const to = { host: address, servername: base.hostname, port, path };
  return open({ ...tls, ...to, headers: { Host: base.host, ...headers } });
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

const deadline = setTimeout(() => {
  console.error(`page: not all came within ${wait / 1000} s`);
  process.exit(1);
}, wait);
const page = await get(base.pathname);
const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
if (!files.some((file) => file.endsWith(".js"))) throw new Error("the page has no script");
for (const file of files) await get(new URL(file, base).pathname);
JSON.parse(await get("/api/v1/status"));
const seen = await frames(3);
if (seen[0].type !== "hello") throw new Error(`the first message is ${seen[0].type}`);
const sequence = seen.filter((message) => message.type === "frame").map((frame) => frame.seq);
if (sequence.some((seq, index) => index > 0 && seq !== sequence[index - 1] + 1)) throw new Error(`frames ${sequence}`);
clearTimeout(deadline);
