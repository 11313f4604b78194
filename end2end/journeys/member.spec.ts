// What members see: finding an offer, its page, its merchant. All of it with scripts and without.
import { expect, type Page, test, withAndWithoutScripts } from '../support/test';

/** The cards of a list or of a section. */
const cards = (page: Page) => page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('heading') });

const canonical = (page: Page) => page.locator('link[rel=canonical]').getAttribute('href');

/** What the page tells search engines; it must be whole JSON. */
async function structured(page: Page): Promise<Record<string, unknown>> {
  const text = await page.locator('script[type="application/ld+json"]').textContent();
  return JSON.parse(text ?? '');
}

withAndWithoutScripts(() => {
  test('a visitor goes from the start page to an offer, to its merchant and back', async ({ page, baseURL }) => {
    await page.goto('/');
    await expect(page).toHaveTitle('Tessera');
    expect(await canonical(page)).toBe(`${baseURL}/`);
    const newest = page.getByRole('region', { name: 'New' });
    const link = newest.getByRole('link').first();
    const words = (await link.textContent()) ?? '';
    await link.click();

    await expect(page).toHaveURL(/\/offers\/[^/]+$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(words);
    expect(await canonical(page)).toBe(page.url());
    expect(JSON.stringify(await structured(page))).toContain(page.url());
    for (const question of ['When', 'How']) await expect(page.getByRole('term').filter({ hasText: question }).first()).toBeVisible();

    const offer = page.url();
    const merchant = page.getByRole('main').locator('header').getByRole('link');
    const name = ((await merchant.textContent()) ?? '').trim();
    await merchant.click();
    await expect(page).toHaveURL(/\/merchants\/[^/]+$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    expect(await canonical(page)).toBe(page.url());
    expect(JSON.stringify(await structured(page))).toContain(name);
    await page.getByRole('region', { name: 'Offers' }).locator(`a[href="${new URL(offer).pathname}"]`).click();
    await expect(page).toHaveURL(offer);
  });

  test('a search by text, by category and near a ZIP code narrows the list, and each filter comes off again', async ({ page }) => {
    await page.goto('/offers');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('All offers');
    const merchant = ((await cards(page).first().locator('p').first().textContent()) ?? '').trim();
    await page.getByRole('searchbox', { name: 'Search offers' }).fill(merchant);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`“${merchant}”`);
    await expect(cards(page).filter({ hasText: merchant }).first()).toBeVisible();

    await page.getByRole('link', { name: `Remove filter: “${merchant}”` }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('All offers');
    const category = page.getByRole('navigation', { name: 'Categories' }).getByRole('link').first();
    const word = ((await category.textContent()) ?? '').trim();
    await category.click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${word} offers`);

    await page.getByRole('textbox', { name: 'Near a ZIP code' }).fill('10001');
    await page.getByRole('button', { name: 'Show nearest' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/ offers near New York/);
    await page.getByRole('link', { name: `Remove filter: ${word}` }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^All offers near New York/);
    // The heading is there before the cards are.
    await expect(cards(page).filter({ hasText: /\d mi/ }).nth(1)).toBeVisible();
    const miles = (await cards(page).allInnerTexts()).flatMap((text) => text.match(/([\d,.]+) mi\b/)?.[1] ?? []).map((n) => Number(n.replace(',', '')));
    expect(miles).toEqual(miles.toSorted((a, b) => a - b));
  });

  test('a search inside a category stays there, and the way back shows the words of its results', async ({ page }) => {
    await page.goto('/offers');
    const category = page.getByRole('navigation', { name: 'Categories' }).getByRole('link').first();
    const word = ((await category.textContent()) ?? '').trim();
    await category.click();
    const [search, heading] = [page.getByRole('searchbox', { name: 'Search offers' }), page.getByRole('heading', { level: 1 })];
    await expect(heading).toHaveText(`${word} offers`);
    for (const words of ['free', 'zzyzzyva']) {
      await search.fill(words);
      await search.press('Enter');
      await expect(heading).toHaveText(`“${words}” in ${word}`);
      await expect(page.getByRole('link', { name: `Remove filter: ${word}` })).toBeVisible();
    }
    await page.goBack();
    await expect(heading).toHaveText(`“free” in ${word}`);
    await expect(search).toHaveValue('free');
  });

  test('the filters of a phone are a drawer that keeps the focus and gives it back', async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/offers');
    const [opener, drawer] = [page.getByRole('button', { name: 'Filters' }), page.getByRole('dialog', { name: 'Filters' })];
    await expect(drawer).toBeHidden();
    await opener.click();
    await expect(drawer).toBeVisible();
    const links = await drawer.getByRole('link').count();
    for (let step = 0; step < links + 8; step++) {
      await page.keyboard.press('Tab');
      await expect(page.locator('.facets-list :focus, header :focus, footer :focus')).toHaveCount(0);
    }
    await page.keyboard.press('Escape');
    await expect(drawer).toBeHidden();
    await expect(opener).toBeFocused();
    await opener.click();
    await drawer.getByRole('button', { name: 'Close' }).click();
    await expect(drawer).toBeHidden();
    await opener.click();
    await drawer.getByRole('navigation', { name: 'Categories' }).getByRole('link').first().click();
    await expect(page).toHaveURL(/[?]category=/);
    await expect(drawer).toBeHidden();
  });

  test('pages of results lead on and back to the start', async ({ page }) => {
    await page.goto('/offers');
    const first = await cards(page).first().getByRole('link').getAttribute('href');
    await page.getByRole('link', { name: 'More offers', exact: true }).click();
    await expect(page).toHaveURL(/after=/);
    await expect(page.locator(`main a[href="${first}"]`)).toHaveCount(0);
    await page.getByRole('link', { name: 'First page', exact: true }).click();
    await expect(page.locator(`main a[href="${first}"]`)).toHaveCount(1);
  });

  test('a ZIP code that is none, and a search without results, say so and keep what was typed', async ({ page }) => {
    await page.goto('/offers?near=00000');
    const zip = page.getByRole('textbox', { name: 'Near a ZIP code' });
    await expect(zip).toHaveValue('00000');
    await expect(zip).toHaveAttribute('aria-invalid', 'true');
    await expect(zip).toHaveAccessibleDescription(/^This ZIP code is not known\./);
    // In the drawer of a phone nobody would see it.
    const notice = page.getByRole('alert').filter({ hasText: 'This ZIP code is not known.' });
    await expect(notice).toBeHidden();
    await page.setViewportSize({ width: 390, height: 844 });
    await expect(notice).toBeVisible();
    await page.goto('/offers?q=zzyzzyva');
    await expect(page.getByText('No offers were found')).toBeVisible();
    await expect(page.getByRole('searchbox', { name: 'Search offers' })).toHaveValue('zzyzzyva');
    await page.getByRole('link', { name: 'Show all offers' }).click();
    await expect(cards(page).first()).toBeVisible();
  });

  test('an address that leads nowhere is a 404 with a search to go on from', async ({ page, problems }) => {
    problems.expect(404);
    for (const path of ['/nowhere', '/offers/nothing-0000000000', '/merchants/nobody-0000000000']) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(404);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not found');
    }
    await page.getByRole('main').getByRole('searchbox', { name: 'Search offers' }).fill('pizza');
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('“pizza”');
  });
});

test('an old or mistyped slug leads to the address of today', async ({ page }) => {
  await page.goto('/offers');
  const path = (await cards(page).first().getByRole('link').getAttribute('href')) ?? '';
  const id = path.split('-').at(-1);
  await page.goto(`/offers/something-else-${id}`);
  expect(new URL(page.url()).pathname).toBe(path);
});

test('search engines find every page', async ({ page, request, baseURL }) => {
  const robots = await (await request.get('/robots.txt')).text();
  const map = robots.match(/^Sitemap: (\S+)$/m)?.[1] ?? '';
  expect(map.startsWith(`${baseURL}/`)).toBe(true);
  expect(robots).toMatch(/^Disallow: \/desk/m);
  await page.goto('/offers');
  const path = (await cards(page).first().getByRole('link').getAttribute('href')) ?? '';
  expect(await (await request.get(map)).text()).toContain(`<loc>${baseURL}${path}</loc>`);
});

test('an offer answers in one screen of a phone, with its button', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/offers');
  await page.goto((await cards(page).first().getByRole('link').getAttribute('href')) ?? '');
  await expect(page.locator('main .btn-primary')).toBeInViewport({ ratio: 1 });
  for (const question of ['When', 'How']) await expect(page.getByRole('term').filter({ hasText: question }).first()).toBeInViewport({ ratio: 1 });
});

for (const width of [390, 1440]) {
  test(`nothing jumps while a page loads, ${width} pixels wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/offers');
    const offer = (await cards(page).first().getByRole('link').getAttribute('href')) ?? '';
    const network = await page.context().newCDPSession(page);
    // Slow enough that a page is drawn in parts, which a compressed one comes in too few of; its files are kept from before.
    await network.send('Network.enable');
    // @ts-expect-error Playwright's types leave out what the protocol calls experimental.
    await network.send('Network.setAcceptedEncodings', { encodings: [] });
    const limit = async (downloadThroughput: number) =>
      await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput, uploadThroughput: -1 });
    for (const path of ['/', '/offers', offer]) {
      for (const bytesPerSecond of [-1, 30_000]) {
        await limit(bytesPerSecond);
        await page.goto(path, { waitUntil: 'networkidle' });
        expect(await layoutShifts(page), `${path} at ${bytesPerSecond} bytes a second`).toEqual([]);
      }
    }
  });
}

/** What moved by itself since the page was asked for, and from where to where. */
async function layoutShifts(page: Page): Promise<string[]> {
  return await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const place = ({ x, y, width, height }: DOMRectReadOnly) => [x, y, width, height].join(' ');
        new PerformanceObserver((list) => {
          const moved = (list.getEntries() as LayoutShift[]).flatMap(({ sources }) => sources);
          resolve(moved.map(({ node, previousRect, currentRect }) => {
            const element = node instanceof Element ? node : node?.parentElement;
            return `${element?.tagName}.${element?.className} ${element?.textContent?.slice(0, 40)}: ${place(previousRect)} > ${place(currentRect)}`;
          }));
        }).observe({ type: 'layout-shift', buffered: true });
        // Without any shift the observer is never called.
        setTimeout(() => resolve([]), 300);
      }),
  );
}

/** Of Chromium alone, and so in no library of types. */
interface LayoutShift extends PerformanceEntry {
  sources: { node: Node | null; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[];
}
