// What the live page costs: its renderer's CPU, and the bytes of its stream, by message and by column of the tables.
//
//   node bench/page.mjs ADDRESS [SECONDS]      of a running Hostscope; 30 s unless told
//
// Chromium rasters in software here, so the picture is paid for by the CPU as well.
import { launch, open } from '../web/e2e/browser.mjs';

const [, , address, seconds = '30'] = process.argv;
const names = {
  processes: ['pid', 'state', 'cpu', 'memory', 'read', 'write', 'threads', 'nice', 'priority'],
  cgroups: [
    'id', 'cpu', 'throttled', 'cpuLimit', 'memory', 'memoryLimit', 'read', 'write', 'tasks', 'cpuStall',
    'memoryStall', 'ioStall', 'oomKills',
  ],
};

/** Bytes of each message type, and of each part of a table message. */
const bytes = new Map();
const messages = new Map();
const add = (map, key, amount) => map.set(key, (map.get(key) ?? 0) + amount);

function take(text) {
  const message = JSON.parse(text);
  add(bytes, message.type, text.length);
  add(messages, message.type, 1);
  const columns = names[message.type];
  for (const row of columns ? message.rows : []) {
    add(messages, `${message.type} rows`, 1);
    row.forEach((value, i) => add(bytes, `  ${message.type}.${columns[i]}`, JSON.stringify(value).length + 1));
  }
  if (columns) {
    add(bytes, `  ${message.type} info`, JSON.stringify(message.info).length);
    add(bytes, `  ${message.type} gone`, JSON.stringify(message.gone).length);
  }
}

async function cpu(session) {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const of = (type) => processInfo.filter((p) => p.type === type).reduce((sum, p) => sum + p.cpuTime, 0);
  return { renderer: of('renderer'), gpu: of('GPU') };
}

async function tasks(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

const browser = await launch();
const { page, close } = await open(browser, address);
const whole = await browser.newBrowserCDPSession();
const one = await page.context().newCDPSession(page);
await one.send('Performance.enable');
await page.waitForTimeout(10_000);
const before = [await cpu(whole), await tasks(one)];
await page.waitForTimeout(seconds * 1000);
const after = [await cpu(whole), await tasks(one)];

// Apart, so that to look at the bytes is not part of the cost.
await one.send('Network.enable');
one.on('Network.webSocketFrameReceived', ({ response }) => take(response.payloadData));
await page.waitForTimeout(seconds * 1000);
await close();
await browser.close();

const perSecond = (value) => (value / seconds).toFixed(1);
const ms = (value) => `${perSecond(value * 1000)} ms/s`;
console.log(`renderer process      ${ms(after[0].renderer - before[0].renderer)}`);
console.log(`  tasks, main thread  ${ms(after[1].TaskDuration - before[1].TaskDuration)}`);
console.log(`  of them scripts     ${ms(after[1].ScriptDuration - before[1].ScriptDuration)}`);
console.log(`  of them layout      ${ms(after[1].LayoutDuration - before[1].LayoutDuration)}`);
console.log(`  of them style       ${ms(after[1].RecalcStyleDuration - before[1].RecalcStyleDuration)}`);
console.log(`process that rasters  ${ms(after[0].gpu - before[0].gpu)}`);
const sums = [...bytes].filter(([key]) => !key.startsWith(' '));
console.log(`stream                ${perSecond(sums.reduce((sum, [, value]) => sum + value, 0))} B/s`);
for (const [key, value] of bytes) {
  console.log(`  ${key.padEnd(24)}${perSecond(value)} B/s`);
}
for (const [key, value] of messages) {
  console.log(`  ${key.padEnd(24)}${perSecond(value)} a second`);
}
