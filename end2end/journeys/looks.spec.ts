// Every page as it looks on a phone and on a desk, by day and by night: axe-core finds nothing, nothing sticks out, and a
// picture is kept in artefacts/looks. A new page gets a row here.
import { join } from 'node:path';
import { expect, open, type Page, test } from '../support/test';
import { expectAccessible, expectFits } from '../support/looks';
import { field, openNewOffer, saveDraft, activeMerchant, makeOffer, sendForReview } from '../support/offers';
import type { Role } from '../support/people';

const PICTURES = join(import.meta.dirname, '../artefacts/looks');

interface Look {
  name: string;
  /** Who looks; nobody in particular on the member site. */
  role?: Role;
  /** An address, or how to come to the page. */
  at: string | ((page: Page) => Promise<void>);
  /** The status with which it is answered, if it is a refusal. */
  status?: number;
}

/** Follows the first link of the page's list whose address begins so. */
const firstOf = (list: string, start: string) => async (page: Page) => {
  await page.goto(list);
  await page.goto((await page.locator(`main a[href^="${start}"]`).first().getAttribute('href')) ?? '');
};

const MEMBER: Look[] = [
  { name: 'home', at: '/' },
  { name: 'offers', at: '/offers' },
  { name: 'offers-near', at: '/offers?near=10001' },
  { name: 'offers-none', at: '/offers?q=zzyzzyva&near=00000' },
  { name: 'offer', at: firstOf('/offers', '/offers/') },
  { name: 'merchant', at: async (page) => {
    await firstOf('/offers', '/offers/')(page);
    await page.goto((await page.locator('main a[href^="/merchants/"]').first().getAttribute('href')) ?? '');
  } },
  { name: 'nowhere', at: '/nowhere', status: 404 },
];

const DESK: Look[] = [
  { name: 'sign-in', at: '/desk/sign-in' },
  { name: 'sign-in-refused', at: '/desk/sign-in?error=credentials' },
  { name: 'password-link-spent', at: '/desk/password/nothing' },
  { name: 'nowhere', role: 'editor', at: '/desk/nowhere', status: 404 },
  { name: 'kit', role: 'editor', at: '/desk/kit' },
  { name: 'overview', role: 'admin', at: '/desk' },
  { name: 'not-for-your-role', role: 'editor', at: '/desk/accounts', status: 403 },
  { name: 'own-account', role: 'editor', at: '/desk/account' },
  { name: 'accounts', role: 'admin', at: '/desk/accounts' },
  { name: 'account', role: 'admin', at: firstOf('/desk/accounts', '/desk/accounts/0') },
  { name: 'account-new', role: 'admin', at: '/desk/accounts/new' },
  { name: 'audit', role: 'analyst', at: '/desk/audit' },
  { name: 'audit-none', role: 'analyst', at: '/desk/audit?action=nothing.of_the_kind' },
  { name: 'merchants', role: 'editor', at: '/desk/merchants' },
  { name: 'merchants-none', role: 'editor', at: '/desk/merchants?q=zzyzzyva' },
  { name: 'merchant', role: 'editor', at: firstOf('/desk/merchants', '/desk/merchants/0') },
  { name: 'merchant-read-only', role: 'support', at: firstOf('/desk/merchants', '/desk/merchants/0') },
  { name: 'merchant-new', role: 'editor', at: '/desk/merchants/new' },
  { name: 'location', role: 'editor', at: async (page) => {
    await firstOf('/desk/merchants?status=active', '/desk/merchants/0')(page);
    await page.locator('main a[href*="/locations/0"]').first().click();
    await expect(page.getByRole('button', { name: 'Archive' })).toBeVisible();
  } },
  { name: 'location-new', role: 'editor', at: async (page) => {
    await firstOf('/desk/merchants?status=active', '/desk/merchants/0')(page);
    await page.getByRole('link', { name: 'Add location' }).click();
    await expect(page.getByRole('button', { name: 'Add location' })).toBeVisible();
  } },
  { name: 'offers', role: 'editor', at: '/desk/offers' },
  { name: 'offers-none', role: 'editor', at: '/desk/offers?q=zzyzzyva' },
  { name: 'offer', role: 'editor', at: firstOf('/desk/offers?publication=live', '/desk/offers/0') },
  { name: 'offer-to-publish', role: 'campaigns', at: firstOf('/desk/offers?revision=approved&publication=unpublished', '/desk/offers/0') },
  { name: 'offer-read-only', role: 'support', at: firstOf('/desk/offers', '/desk/offers/0') },
  { name: 'offer-new-merchant', role: 'editor', at: '/desk/offers/new' },
  { name: 'offer-new', role: 'editor', at: async (page) => openNewOffer(page, await activeMerchant(page)) },
  { name: 'revision', role: 'reviewer', at: async (page) => {
    await firstOf('/desk/offers?revision=in_review', '/desk/offers/0')(page);
    await page.getByRole('link', { name: /^Review revision/ }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Revision');
  } },
];

for (const [portal, looks] of [['member', MEMBER], ['desk', DESK]] as const) {
  for (const { name, role, at, status } of looks) {
    test(`${portal}: ${name}`, async ({ desk, page: anonymous, problems }) => {
      const page = role ? await desk(role) : anonymous;
      if (status) problems.expect(status);
      if (typeof at === 'string') await open(page, at);
      else await at(page);
      await lookAt(page, portal, name);
    });
  }
}

test('desk: a form that was refused', async ({ desk, problems }) => {
  const page = await desk('editor');
  await openNewOffer(page, await activeMerchant(page));
  problems.expect(422);
  await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Percent off' });
  await field(page, 'Percent').fill('120');
  await saveDraft(page);
  await expect(page.getByRole('alert')).toBeVisible();
  await lookAt(page, 'desk', 'offer-refused');
});

test('desk: two versions to choose from', async ({ desk, problems }) => {
  const [first, second] = [await desk('editor'), await desk('admin')];
  const offer = await makeOffer(first, await activeMerchant(first), { headline: 'Two versions', percent: '15', summary: 'Before.' });
  await open(second, offer);
  await open(first, offer);
  await field(first, 'Summary').fill('One.');
  await saveDraft(first);
  await expect(first.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  problems.expect(409);
  await field(second, 'Summary').fill('Another.');
  await saveDraft(second);
  await expect(second.getByRole('group', { name: 'Summary' })).toBeVisible();
  await lookAt(second, 'desk', 'offer-conflict');
});

test('desk: very long words, and words from right to left', async ({ desk }) => {
  const page = await desk('editor');
  const headline = `Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen ${'reduziert'.repeat(6)}`;
  const summary = 'חמישים אחוז הנחה על כל הפיצות הגדולות, גם לקחת הביתה.';
  const offer = await makeOffer(page, await activeMerchant(page), { headline, percent: '12.5', summary });
  await sendForReview(page);
  await lookAt(page, 'desk', 'offer-long-words');
  await open(page, '/desk/offers?q=Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen');
  await expect(page.locator(`main a[href="${offer}"]`)).toBeVisible();
  await lookAt(page, 'desk', 'offers-long-words');
});

test('desk: the drawer of a phone', async ({ desk }) => {
  const page = await desk('admin');
  await open(page, '/desk');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Navigation' }).click();
  await expect(page.getByRole('link', { name: 'Offers' })).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: join(PICTURES, 'desk/drawer-390-light.png') });
});

async function lookAt(page: Page, portal: string, name: string): Promise<void> {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await test.step(`${width} pixels, ${colorScheme}`, async () => {
        await page.screenshot({ path: join(PICTURES, portal, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await expectAccessible(page);
        await expectFits(page);
      });
    }
  }
}
