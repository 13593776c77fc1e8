// Goal: the tables say who uses the machine now, and rows stay under a hand. Method: the published program, a real
// browser, and processes that this test starts and ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { desktop, launch, open, phone, sample, text } from './browser.mjs';
import { end, own } from './children.mjs';
import { startServer } from './server.mjs';

/** Samples until a condition must have come true. */
const patience = 20;

/** The kernel counts CPU time in 1/100 s. */
const ticksPerSecond = 100;

/** @type {import('./server.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
let axe = '';

before(async () => {
  browser = await launch();
  server = await startServer();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A process that takes all the CPU it gets, with a word in its arguments to find it by. */
function busy(t, word) {
  const child = own(spawn(process.execPath, ['-e', 'for(;;){}', word], { stdio: 'ignore' }));
  t.after(() => end(child));
  return { pid: Number(child.pid), end: () => end(child) };
}

/** CPU seconds that a process has used. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The rows in sight, top to bottom. */
function rows(page) {
  return page.evaluate(() => {
    return [...document.querySelectorAll('[data-testid=process-table] tbody tr:not([hidden])')].map((row) => {
      const cell = (id) => row.querySelector(`.col-${id}`)?.textContent ?? '';
      const cpu = cell('cpu');
      return {
        pid: Number(cell('pid')),
        name: cell('name'),
        memory: cell('memory'),
        cpu: cpu === '–' || cpu === 'n/a' ? 0 : Number(cpu),
        isEnded: row.classList.contains('ended'),
        isSelected: row.getAttribute('aria-current') === 'true',
      };
    });
  });
}

/** Waits, sample by sample, until the rows are as they should be. */
async function until(page, words, isTrue) {
  let last = [];
  let seq = await sample(page, 0);
  for (let i = 0; i < patience; i++) {
    last = await rows(page);
    if (isTrue(last)) {
      return last;
    }

    seq = await sample(page, seq + 1);
  }

  return assert.fail(`${words}; the rows are ${JSON.stringify(last.slice(0, 8))}`);
}

/** Chooses a filter with the keyboard. */
async function filter(page, words) {
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.id === 'process-filter');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(words);
}

async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window['axe'].run(document, { resultTypes: ['violations'] }));
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

test('a busy process appears with the CPU that the kernel says, in its place in the order', async (t) => {
  const { page, close } = await open(browser, server.address);
  const { pid } = busy(t, 'busy-one');
  const isBusy = (row) => row.pid === pid && row.cpu > 0.1;
  const found = await until(page, 'the process is missing', (all) => all.some(isBusy));
  const cpu = found.map((row) => row.cpu);
  assert.deepEqual(cpu, [...cpu].sort((a, b) => b - a));
  let [used, at] = [cpuSeconds(pid), performance.now()];
  await until(page, 'the CPU is not the kernel\'s', (all) => {
    const [usedBefore, before] = [used, at];
    [used, at] = [cpuSeconds(pid), performance.now()];
    const truth = (used - usedBefore) / ((at - before) / 1000);
    const shown = all.find((row) => row.pid === pid)?.cpu ?? NaN;
    return at - before > 500 && truth > 0.1 && Math.abs(shown - truth) < 0.12;
  });
  await close();
});

test('what ended under the pointer is struck through, and gone when the pointer has left', async (t) => {
  const { page, close } = await open(browser, server.address);
  const { pid, end } = busy(t, 'busy-two');
  await filter(page, 'busy-two');
  await until(page, 'the filter does not find it', (all) => all.length === 1 && all[0]?.pid === pid);
  const table = await page.getByTestId('process-table').boundingBox();
  await page.mouse.move(table.x + 80, table.y + 30);
  await end();
  await until(page, 'it is not struck through', (all) => all.some((row) => row.pid === pid && row.isEnded));
  assert.match(await text(page, 'process-held'), /^order held/);
  await page.mouse.move(20, 20);
  await until(page, 'it is still there', (all) => all.length === 0);
  assert.match(await text(page, 'process-empty'), /^No process matches at \d\d:\d\d:\d\d\s+\d+ processes searched/);
  await page.keyboard.press('Escape');
  await until(page, 'Esc does not show all', (all) => all.length > 5);
  await close();
});

test('rows stay while the pointer is over them, and values go on', async (t) => {
  const { page, close } = await open(browser, server.address);
  await until(page, 'there are no rows', (all) => all.length > 5);
  const table = await page.getByTestId('process-table').boundingBox();
  await page.mouse.move(table.x + 80, table.y + 60);
  await page.getByTestId('process-held').getByText('order held').waitFor();
  const order = (await rows(page)).map(({ pid }) => pid);
  const { pid } = busy(t, 'busy-three');
  await until(page, 'the new process is not announced', () => true);
  await page.getByTestId('process-held').getByText(/[1-9]\d* new above/).waitFor();
  assert.deepEqual((await rows(page)).map((row) => row.pid), order);
  await page.mouse.move(20, 20);
  await until(page, 'the new process does not take its place', (all) => all.some((row) => row.pid === pid));
  assert.equal(await text(page, 'process-held'), '');
  await close();
});

test('what is typed right after the key of the filter goes into it, and nothing of it acts', async () => {
  const { page, close } = await open(browser, server.address);
  await until(page, 'there are no rows', (all) => all.length > 5);
  await page.evaluate((words) => {
    for (const key of words) {
      const target = document.activeElement ?? document.body;
      const isTyped = target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      if (isTyped && target instanceof HTMLInputElement) {
        target.value += key;
      }
    }
  }, '/cpu p1');
  assert.equal(await page.getByTestId('process-filter').inputValue(), 'cpu p1');
  assert.equal(await page.getByTestId('shape-flat').getAttribute('aria-pressed'), 'true');
  await close();
});

test('what the filter does not understand is said, and the rest of it counts', async () => {
  const { page, close } = await open(browser, server.address);
  await filter(page, `cpu> pid:${process.pid}`);
  await until(page, 'the pid is not found', (all) => all.length === 1 && all[0]?.pid === process.pid);
  assert.equal(await text(page, 'process-held'), 'cpu> needs an amount, such as cpu>0.5');
  await close();
});

describe('keys', () => {
  test('sort, change the shape, select and fold', async () => {
    const { page, close } = await open(browser, server.address);
    await until(page, 'there are no rows', (all) => all.length > 5);
    const sorted = () => page.locator('[data-testid=process-table] th[aria-sort]').getAttribute('class');
    await page.keyboard.press('Shift+M');
    assert.match((await sorted()) ?? '', /col-memory/);
    await page.getByRole('button', { name: 'PID' }).click();
    await page.mouse.move(20, 20);
    const pids = await until(page, 'there are no rows', (all) => all[0]?.pid === 1);
    assert.deepEqual(pids.map(({ pid }) => pid), pids.map(({ pid }) => pid).sort((a, b) => a - b));
    await page.keyboard.press('p');
    assert.equal(await page.getByTestId('shape-tree').getAttribute('aria-pressed'), 'true');
    const lines = async () => {
      return Number(await page.locator('[data-testid=process-table] table').getAttribute('aria-rowcount'));
    };
    const unfolded = await lines();
    await page.getByTestId('process-table').focus();
    await page.keyboard.press('ArrowDown');
    const selected = (await rows(page)).findIndex((row) => row.isSelected);
    assert.equal(selected, 0);
    await page.keyboard.press('ArrowLeft');
    await page.locator('[data-testid=process-table] .fold[aria-expanded=false]').first().waitFor();
    assert.ok((await lines()) < unfolded - 1, `${await lines()} lines of ${unfolded}`);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('p');
    assert.equal(await page.getByTestId('shape-cgroup').getAttribute('aria-pressed'), 'true');
    await close();
  });

  test('go between processes and host, and the choice outlives the page', async () => {
    const { page, close } = await open(browser, server.address);
    await page.keyboard.press('o');
    await page.getByTestId('facts').waitFor();
    assert.equal(await page.getByTestId('process-table').isVisible(), false);
    await page.reload();
    await page.getByTestId('facts').waitFor();
    await page.getByTestId('side-processes').click();
    await page.getByTestId('process-table').waitFor();
    assert.equal(await page.getByTestId('facts').isVisible(), false);
    await close();
  });

  test('the last row is reached, and only rows in sight are in the document', async () => {
    const { page, close } = await open(browser, server.address);
    await until(page, 'there are no rows', (all) => all.length > 5);
    const table = page.getByTestId('process-table');
    await table.focus();
    await page.keyboard.press('End');
    const count = Number(await table.locator('table').getAttribute('aria-rowcount'));
    const last = await table.locator('tbody tr[aria-current]').getAttribute('aria-rowindex');
    assert.equal(Number(last), count);
    assert.ok((await table.locator('tbody tr').count()) <= Math.ceil(desktop.height / 21));
    await close();
  });
});

test('what the fastest disks read and write fits into its cells', async () => {
  const { page, close } = await open(browser, server.address);
  await page.locator('[data-testid=process-table] td.col-write').first().waitFor();
  const cut = await page.evaluate(() => {
    return [...document.querySelectorAll('.grid td.col-read, .grid td.col-write')].flatMap((cell) => {
      const value = cell.cloneNode(true);
      value.textContent = '14,000';
      cell.replaceWith(value);
      const isCut = value.scrollWidth > value.clientWidth;
      value.replaceWith(cell);
      return isCut ? [value.className] : [];
    });
  });
  assert.deepEqual(cut, []);
  await close();
});

test('nothing is scanned for a hidden page', async () => {
  const { page, close } = await open(browser, server.address);
  const sent = [];
  const socket = new Promise((resolve) => page.once('websocket', resolve));
  await page.reload();
  (await socket).on('framesent', ({ payload }) => sent.push(JSON.parse(String(payload)).topics?.join()));
  assert.match((await socket).url(), /topics=system,cores,processes,cgroups$/);
  await until(page, 'there are no rows', (all) => all.length > 5);
  const setHidden = (isHidden) => page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
  await setHidden(true);
  await setHidden(false);
  const seq = await sample(page, 0);
  await sample(page, seq + 2);
  assert.deepEqual(sent, ['system,cores', 'system,cores,processes,cgroups']);
  assert.ok((await rows(page)).length > 5);
  await close();
});

describe('axe finds nothing', () => {
  for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
    test(`in the tables of the ${colorScheme} page`, async () => {
      const { page, close } = await open(browser, server.address, { colorScheme, reducedMotion: 'reduce' });
      await until(page, 'there are no rows', (all) => all.length > 5);
      for (const shape of ['flat', 'tree', 'cgroup']) {
        await page.getByTestId(`shape-${shape}`).click();
        await page.getByTestId('process-table').focus();
        await page.keyboard.press('ArrowDown');
        assert.deepEqual(await violations(page), [], shape);
      }

      await filter(page, 'no-such-process cpu>');
      await page.getByTestId('process-empty').waitFor();
      assert.deepEqual(await violations(page), []);
      await close();
    });

    test(`on the tabs of the ${colorScheme} phone`, async () => {
      const { page, close } = await open(browser, server.address, { viewport: phone, hasTouch: true, colorScheme });
      for (const tab of ['processes', 'cgroups', 'host']) {
        await page.getByTestId(`tab-${tab}`).click();
        await sample(page, (await sample(page, 0)) + 1);
        assert.deepEqual(await violations(page), [], tab);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), phone.width);
        const small = await page.evaluate(() => [...document.querySelectorAll('button, input')]
          .map((node) => ({ words: node.textContent, box: node.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44))
          .map(({ words, box }) => `${words} ${box.width}x${box.height}`));
        assert.deepEqual(small, [], tab);
      }

      await close();
    });
  }
});
