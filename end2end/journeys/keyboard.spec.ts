// The site without a mouse: past the navigation in one step, the focus always in sight.
import { expect, open, type Page, test } from '../support/test';
import { focusIsVisible } from '../support/looks';
import { activeMerchant, field, makeOffer } from '../support/offers';
import { emailOf, PASSWORD } from '../support/people';

const words = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') || element?.textContent?.trim() || element?.getAttribute('name') || element?.tagName || '';
  });

/** Goes through the first stops of a page; each must show the focus. */
async function expectFocusInSight(page: Page, stops: number): Promise<void> {
  for (let stop = 0; stop < stops; stop += 1) {
    await page.keyboard.press('Tab');
    expect(await focusIsVisible(page), `focus on “${await words(page)}”`).toBe(true);
  }
}

for (const path of ['/', '/offers']) {
  test(`member site: past the head, and through ${path}`, async ({ page }) => {
    await page.goto(path);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: /^Skip/ });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
    await expectFocusInSight(page, 12);
  });
}

test('desk: signing in and coming to a record with keys alone', async ({ page }) => {
  await open(page, '/desk/offers');
  await page.getByRole('textbox', { name: 'E-mail address' }).focus();
  await page.keyboard.type(emailOf('editor'));
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Offers');

  await page.goto('/desk/offers');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: /^Skip/ });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await expectFocusInSight(page, 16);

  await page.locator('main tbody a').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Save draft' })).toBeVisible();
  await expectFocusInSight(page, 20);
});

test('desk: a slash goes to the search, but not while one types; Ctrl-S saves', async ({ desk }) => {
  const page = await desk('editor');
  await open(page, '/desk/merchants');
  const search = page.getByRole('searchbox', { name: 'Search merchants' });
  // The list has no form that tells when the scripts are there.
  await expect(async () => {
    await page.keyboard.press('/');
    await expect(search).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.type('7/11');
  await expect(search).toHaveValue('7/11');

  await makeOffer(page, await activeMerchant(page), { headline: 'Keyed kale', percent: '15', summary: 'Before.' });
  await field(page, 'Summary').fill('After.');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await page.reload();
  await expect(field(page, 'Summary')).toHaveValue('After.');
});
