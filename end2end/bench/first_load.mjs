// Counts what a first visit loads in Chromium: every file with its headers, in the encoding it came in.
import { chromium } from '@playwright/test';

const [base] = process.argv.slice(2);
const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [...root, '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});

/** Opens a page in a browser that knows nothing yet but the cookies of `state`. */
async function firstLoad(name, path, state) {
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  const kinds = new Map();
  let [bytes, document, files] = [0, 0, 0];
  network.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (response.status >= 400) throw new Error(`${response.url}: ${response.status}`);
    kinds.set(requestId, type);
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) === 'Image') return;
    bytes += encodedDataLength;
    files += 1;
    if (kinds.get(requestId) === 'Document') document += encodedDataLength;
  });
  await network.send('Network.enable');
  await network.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto(base + path, { waitUntil: 'networkidle' });
  await context.close();
  return { name, bytes, document, files };
}

async function signedIn() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${base}/desk/sign-in`, { waitUntil: 'networkidle' });
  await page.getByLabel('E-mail').fill('editor@demo.example');
  await page.locator('[name=password]').fill(process.env.BENCH_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.includes('sign-in'));
  const state = await context.storageState();
  await context.close();
  return state;
}

const loads = [
  await firstLoad('Member home', '/'),
  await firstLoad('Member list of offers', '/offers'),
  await firstLoad('Sign-in', '/desk/sign-in'),
  await firstLoad('Desk, list of offers', '/desk/offers', await signedIn()),
];
await browser.close();
console.log(JSON.stringify(loads));
