// Every page as it looks on a phone and on a desk, by day and by night: axe-core finds nothing, nothing sticks out, and a
// picture is kept in artefacts/looks. A new page gets a row here.
import { join } from 'node:path';
import { expect, live, open, type Page, test } from '../support/test';
import { expectAccessible, expectFits } from '../support/looks';
import { field, openNewOffer, saveDraft, activeMerchant, makeOffer, sendForReview } from '../support/offers';
import type { Role } from '../support/people';

const PICTURES = join(import.meta.dirname, '../artefacts/looks');
/** Width and height of windows. */
const SIZES = [[1440, 900], [390, 844]] as const;
const TABLET = [768, 1024] as const;
type Size = readonly [number, number];

interface Look {
  name: string;
  /** Who looks; nobody in particular on the member site. */
  role?: Role;
  /** An address, or how to come to the page. */
  at: string | ((page: Page) => Promise<void>);
  /** The status with which it is answered, if it is a refusal. */
  status?: number;
  /** Also as wide as a tablet, for pages whose columns change there. */
  tablet?: boolean;
}

/** Follows the first link of the page's list whose address begins so. */
const firstOf = (list: string, start: string) => async (page: Page) => {
  await page.goto(list);
  await page.goto((await page.locator(`main a[href^="${start}"]`).first().getAttribute('href')) ?? '');
};

const MEMBER: Look[] = [
  { name: 'home', at: '/' },
  { name: 'offers', at: '/offers', tablet: true },
  { name: 'offers-near', at: '/offers?near=10001' },
  { name: 'offers-none', at: '/offers?q=zzyzzyva&near=00000' },
  { name: 'offer', at: firstOf('/offers', '/offers/'), tablet: true },
  { name: 'merchant', at: async (page) => {
    await firstOf('/offers', '/offers/')(page);
    await page.goto((await page.locator('main a[href^="/merchants/"]').first().getAttribute('href')) ?? '');
  } },
  { name: 'nowhere', at: '/nowhere', status: 404 },
];

/** Links to runs in the list of jobs. */
const RUNS = 'main tbody a[href^="/desk/jobs/"]:not([href*="queue"])';

const DESK: Look[] = [
  { name: 'sign-in', at: '/desk/sign-in' },
  { name: 'sign-in-refused', at: '/desk/sign-in?error=credentials' },
  { name: 'sign-in-code', at: '/desk/sign-in/code?error=code' },
  { name: 'second-factor', role: 'editor', at: '/desk/second-factor' },
  { name: 'forgot', at: '/desk/forgot' },
  { name: 'forgot-asked', at: '/desk/forgot?asked=true' },
  { name: 'password-link-spent', at: '/desk/password/nothing' },
  { name: 'nowhere', role: 'editor', at: '/desk/nowhere', status: 404 },
  { name: 'record-nowhere', role: 'editor', at: '/desk/offers/nothing', status: 404 },
  { name: 'kit', role: 'editor', at: '/desk/kit' },
  { name: 'overview', role: 'admin', at: '/desk', tablet: true },
  { name: 'not-for-your-role', role: 'editor', at: '/desk/accounts', status: 403 },
  { name: 'own-account', role: 'editor', at: '/desk/account', tablet: true },
  { name: 'accounts', role: 'admin', at: '/desk/accounts' },
  { name: 'account', role: 'admin', at: firstOf('/desk/accounts', '/desk/accounts/0') },
  { name: 'account-new', role: 'admin', at: '/desk/accounts/new' },
  { name: 'audit', role: 'analyst', at: '/desk/audit' },
  { name: 'audit-none', role: 'analyst', at: '/desk/audit?action=nothing.of_the_kind' },
  { name: 'mail', role: 'admin', at: '/desk/mail' },
  { name: 'mail-none', role: 'admin', at: '/desk/mail?state=failed' },
  { name: 'jobs', role: 'admin', at: '/desk/jobs', tablet: true },
  { name: 'jobs-queue', role: 'admin', at: '/desk/jobs/queue' },
  { name: 'job', role: 'admin', at: async (page) => {
    await page.goto('/desk/jobs');
    // The clock starts tasks each minute; the first may not have come yet.
    await expect(async () => {
      await page.reload();
      await expect(page.locator(RUNS).first()).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 90_000 });
    await page.goto((await page.locator(RUNS).first().getAttribute('href')) ?? '');
  } },
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
  { name: 'offers', role: 'editor', at: '/desk/offers', tablet: true },
  { name: 'offers-none', role: 'editor', at: '/desk/offers?q=zzyzzyva' },
  { name: 'offer', role: 'editor', at: firstOf('/desk/offers?publication=live', '/desk/offers/0'), tablet: true },
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
  for (const { name, role, at, status, tablet } of looks) {
    test(`${portal}: ${name}`, async ({ desk, page: anonymous, problems }) => {
      const page = role ? await desk(role) : anonymous;
      if (status) problems.expect(status);
      if (typeof at === 'string') await open(page, at);
      else await at(page);
      await lookAt(page, portal, name, tablet ? [...SIZES, TABLET] : SIZES);
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

test('desk: a new account, the form behind its link, and the account disabled', async ({ desk, visitor }) => {
  const [admin, person] = [await desk('admin'), await visitor()];
  const name = 'Looked At';
  await open(admin, '/desk/accounts/new');
  await field(admin, 'Name').fill(name);
  await field(admin, 'E-mail address').fill('looked.at@demo.example');
  await admin.getByRole('checkbox', { name: /^Support/ }).check();
  await admin.getByRole('button', { name: 'Add account' }).click();
  const link = await field(admin, 'Link to set the password').inputValue();
  await lookAt(admin, 'desk', 'account-link');

  await open(person, link);
  await expect(person.getByRole('button', { name: 'Set password' })).toBeVisible();
  await lookAt(person, 'desk', 'password-link');

  await open(admin, '/desk/accounts');
  await admin.getByRole('link', { name }).click();
  await admin.getByRole('button', { name: 'Disable account' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Disable account' }).click();
  await expect(admin.getByRole('button', { name: 'Enable account' })).toBeVisible();
  await lookAt(admin, 'desk', 'account-disabled');

  await open(admin, '/desk/mail');
  await admin.getByRole('row').filter({ hasText: 'looked.at@demo.example' }).first().getByRole('link').click();
  await expect(admin.getByRole('heading', { level: 1 })).toHaveText('Your account at the Tessera desk');
  await lookAt(admin, 'desk', 'mail-record');
});

test('desk: an archived offer and an archived location', async ({ desk }) => {
  const page = await desk('editor');
  await makeOffer(page, await activeMerchant(page), { headline: 'Archived arugula', percent: '15', summary: 'Over.' });
  await page.getByRole('button', { name: 'Archive…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Archive', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 }).locator('..')).toContainText('Archived');
  await expect(page.getByRole('button', { name: 'Save draft' })).toHaveCount(0);
  await lookAt(page, 'desk', 'offer-archived');

  // A place of its own: other tests look at those of the demo data.
  await firstOf('/desk/merchants?status=prospect', '/desk/merchants/0')(page);
  await page.getByRole('link', { name: 'Add location' }).click();
  await expect(field(page, 'Street and number')).toBeVisible();
  await live(page);
  await field(page, 'Street and number').fill('1 Looked At Lane');
  await field(page, 'City').fill('New York');
  await field(page, 'Postal code').fill('10118');
  await page.getByRole('button', { name: 'Add location' }).click();
  await page.getByRole('link', { name: '1 Looked At Lane' }).click();
  const archive = page.getByRole('button', { name: 'Archive', exact: true });
  await expect(archive).toBeVisible();
  await live(page);
  await archive.click();
  await expect(page.getByRole('button', { name: 'Restore' })).toBeVisible();
  await lookAt(page, 'desk', 'location-archived');
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

async function lookAt(page: Page, portal: string, name: string, sizes: readonly Size[] = SIZES): Promise<void> {
  for (const [width, height] of sizes) {
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
