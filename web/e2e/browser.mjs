// A real Chromium. Whatever a page complains about - console errors, exceptions, a broken content security policy -
// fails the test that opened it.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** While a server is down, or opens its store, the browser itself writes a line for each attempt; nothing else may. */
const refusedAttempt =
  /^(WebSocket connection to .[^']*. failed|Failed to load resource: (net::ERR_|.* status of 503 ))/;

export const desktop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

/**
 * A browser keeps its test alive until it is closed: it is launched before everything else, and by itself.
 * @param {string[]} more Flags besides those that every test needs.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launch(more = []) {
  const executablePath = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: [...flags, ...more] });
}

/**
 * @typedef {object} Opened
 * @property {import('playwright-core').Page} page
 * @property {() => Promise<void>} close Closes it, and fails if it complained.
 */

/**
 * Opens the page and waits for its first sample.
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @param {import('playwright-core').BrowserContextOptions & { mayLoseServer?: boolean }} options
 * @returns {Promise<Opened>}
 */
export async function open(browser, address, { mayLoseServer = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: desktop, colorScheme: 'dark', ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !(mayLoseServer && refusedAttempt.test(text))) {
      complaints.push(`console: ${text}`);
    }
  });
  await page.exposeFunction('reportViolation', (/** @type {string} */ words) => complaints.push(`policy: ${words}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window['reportViolation'](`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(address);
  await sample(page, 0);
  return {
    page,
    close: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

/**
 * Waits until a sample with at least this number is drawn.
 * @param {import('playwright-core').Page} page
 * @param {number} least
 * @returns {Promise<number>} The number of the sample that is drawn.
 */
export async function sample(page, least) {
  const drawn = await page.waitForFunction((number) => {
    const seq = Number(document.querySelector('[data-testid=page]')?.getAttribute('data-seq') ?? '-1');
    return seq > 0 && seq >= number ? seq : false;
  }, least);
  return Number(await drawn.jsonValue());
}

/**
 * Waits until the page says that it is in a state.
 * @param {import('playwright-core').Page} page
 * @param {...string} states
 */
export async function state(page, ...states) {
  await page.waitForFunction(
    (wanted) => wanted.includes(document.querySelector('[data-testid=live-state]')?.getAttribute('data-state') ?? ''),
    states,
  );
}

/**
 * The text of the element with a test id.
 * @param {import('playwright-core').Page} page
 * @param {string} id
 */
export async function text(page, id) {
  return (await page.getByTestId(id).innerText()).trim();
}
