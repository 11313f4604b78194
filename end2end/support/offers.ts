// An offer's way through the desk, as people take it.
import { expect, live, open, type Page } from './test';

export interface Draft {
  headline: string;
  percent: string;
  summary: string;
}

export const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });

/** The name of a merchant whose offers members see. */
export async function activeMerchant(page: Page): Promise<string> {
  await open(page, '/desk/offers?publication=live');
  const cell = page.getByRole('region', { name: 'Offers' }).getByRole('row').nth(1).locator('a[href^="/desk/merchants/"]');
  return ((await cell.textContent()) ?? '').trim();
}

/** Opens the form of a new offer of a merchant. */
export async function openNewOffer(page: Page, merchant: string): Promise<void> {
  await page.goto('/desk/offers');
  await page.getByRole('link', { name: 'New offer' }).click();
  // The list of offers, which stands until the page's chunk is there, has a search for merchants too.
  await page.getByRole('searchbox', { name: 'Merchant', exact: true }).fill(merchant);
  await page.getByRole('main').getByRole('button', { name: 'Search', exact: true }).click();
  // The list that was there before the search holds the merchant too; a click on it would be overtaken by the search.
  await expect(page).toHaveURL(/\/new\?.*q=/);
  await page.getByRole('main').getByRole('link', { name: merchant, exact: true }).first().click();
  await expect(field(page, 'Headline')).toBeVisible();
  await live(page);
}

/** Fills everything that a review wants. */
export async function fillDraft(page: Page, draft: Draft): Promise<void> {
  await field(page, 'Headline').fill(draft.headline);
  await page.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Percent off' });
  await field(page, 'Percent').fill(draft.percent);
  await field(page, 'Summary').fill(draft.summary);
  await field(page, 'How to redeem').fill('Show it **before you pay**.');
  await field(page, 'Terms').fill('- Not with other offers\n- One a visit');
  const categories = page.getByRole('group', { name: 'Categories' });
  await categories.locator('summary').first().click();
  await categories.getByRole('checkbox').first().check();
  await page.getByLabel('Valid from').fill('2026-01-01T00:00');
}

export async function saveDraft(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save draft' }).click();
}

/** Makes a whole draft for a merchant and answers the address of its page. */
export async function makeOffer(page: Page, merchant: string, draft: Draft): Promise<string> {
  await openNewOffer(page, merchant);
  await fillDraft(page, draft);
  await saveDraft(page);
  await expect(page).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(draft.headline);
  await live(page);
  return new URL(page.url()).pathname;
}

export async function sendForReview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send for review' }).click();
  await expect(page.getByRole('link', { name: /revision \d+/ }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send for review' })).toHaveCount(0);
}

/** Opens the revision that waits for a review. */
export async function openReview(page: Page, offer: string): Promise<void> {
  await open(page, offer);
  await page.getByRole('link', { name: /^Review revision \d+$/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/^Revision \d+ of /);
}

export async function approve(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByRole('button', { name: 'Approve' })).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 }).locator('..')).toContainText('Approved');
}

export async function publish(page: Page, offer: string): Promise<void> {
  await open(page, offer);
  const button = page.getByRole('button', { name: /^Publish revision \d+ now$/ });
  await button.click();
  // An offer of which an earlier revision is out is live already: the button tells that this one is too.
  await expect(button).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 }).locator('..')).toContainText('Live');
}
