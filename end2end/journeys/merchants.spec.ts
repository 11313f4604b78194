// Merchants and their locations: added, corrected at the field, found again.
import { expect, live, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { field } from '../support/offers';

const WEBSITE = 'The website must be a web address such as https://example.com.';
const HOURS = 'Hours: write “weekdays nine to five” as Mon-Fri 09:00-17:00.';

const rows = (page: Page, list: string) => page.getByRole('region', { name: list }).locator('tbody').getByRole('row');
/** The addresses behind the names of a list, in its order. */
const links = async (page: Page, list: string) =>
  rows(page, list).evaluateAll((found) => found.map((row) => row.querySelector('th a')?.getAttribute('href')));

withAndWithoutScripts(() => {
  test('a merchant and its location are added, each corrected where the message stands, and found in the list', async ({
    desk,
    problems,
    scripts,
  }) => {
    const name = scripts ? 'Sable & Sons Bookbinders' : 'Sorrel & Sons Saddlers';
    const editor = await desk('editor');
    await editor.goto('/desk/merchants');
    await editor.getByRole('link', { name: 'New merchant' }).first().click();
    await expect(field(editor, 'Name')).toBeVisible();
    await live(editor);
    await field(editor, 'Name').fill(name);
    await field(editor, 'Website').fill('sable');
    await editor.getByRole('radio', { name: /^Active/ }).check();
    await editor.getByRole('group', { name: 'Categories' }).getByRole('checkbox').nth(2).check();
    if (scripts) {
      await field(editor, 'Website').blur();
      await expect(field(editor, 'Website')).toHaveAccessibleDescription(WEBSITE);
      problems.expect(422);
    }
    await editor.getByRole('button', { name: 'Add merchant' }).click();
    await editor.getByRole('alert').getByRole('link', { name: WEBSITE }).click();
    await expect(field(editor, 'Website')).toBeFocused();
    await expect(field(editor, 'Website')).toHaveValue('sable');
    await expect(field(editor, 'Name')).toHaveValue(name);
    await expect(editor.getByRole('radio', { name: /^Active/ })).toBeChecked();
    await expect(editor.getByRole('group', { name: 'Categories' }).getByRole('checkbox').nth(2)).toBeChecked();
    await field(editor, 'Website').fill('https://sable.example');
    await editor.getByRole('button', { name: 'Add merchant' }).click();
    await expect(editor).toHaveURL(/\/desk\/merchants\/[0-9a-f-]{36}$/);
    await expect(editor.getByRole('heading', { level: 1 })).toContainText(name);

    await editor.getByRole('link', { name: 'Add location' }).click();
    await expect(field(editor, 'Street and number')).toBeVisible();
    await live(editor);
    await field(editor, 'Street and number').fill('350 Fifth Avenue');
    await field(editor, 'City').fill('New York');
    await field(editor, 'State or province').fill('NY');
    await field(editor, 'Postal code').fill('10118');
    await field(editor, 'Hours').fill('weekdays nine to five');
    if (scripts) await expect(editor.getByRole('status').filter({ hasText: '10118 is New York' })).toBeVisible();
    await editor.getByRole('button', { name: 'Add location' }).click();
    await expect(field(editor, 'Hours')).toHaveAccessibleDescription(new RegExp(HOURS));
    await expect(field(editor, 'Street and number')).toHaveValue('350 Fifth Avenue');
    await expect(field(editor, 'Country')).toHaveValue('US');
    await field(editor, 'Hours').fill('Mon-Fri 09:00-17:00');
    await editor.getByRole('button', { name: 'Add location' }).click();
    await expect(editor.getByRole('listitem').filter({ hasText: '350 Fifth Avenue' })).toBeVisible();

    // It moves: what it was given for its postal code goes with it, and the page says so at once.
    await editor.getByRole('listitem').filter({ hasText: '350 Fifth Avenue' }).getByRole('link').first().click();
    await expect(editor.getByRole('combobox', { name: 'Time zone' })).toHaveValue('America/New_York');
    await live(editor);
    await field(editor, 'Street and number').fill('233 South Wacker Drive');
    await field(editor, 'City').fill('Chicago');
    await field(editor, 'State or province').fill('IL');
    await field(editor, 'Postal code').fill('60606');
    await editor.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(editor.getByRole('combobox', { name: 'Time zone' })).toHaveValue('America/Chicago');
    await expect(field(editor, 'Latitude')).toHaveValue(/^41\.8/);
    await expect(editor.getByRole('heading', { level: 1 })).toContainText('233 South Wacker Drive');

    await open(editor, '/desk/merchants');
    await editor.getByRole('searchbox', { name: 'Search merchants' }).fill(name.slice(0, 12));
    await editor.getByRole('button', { name: 'Apply' }).click();
    await expect(rows(editor, 'Merchants')).toHaveCount(1);
    await expect(rows(editor, 'Merchants')).toContainText(name);
    await expect(rows(editor, 'Merchants')).toContainText('Active');
  });

  test('the list of merchants is filtered and sorted, and pages on and back', async ({ desk }) => {
    const page = await desk('support');
    await page.goto('/desk/merchants');
    const first = await links(page, 'Merchants');
    expect(first.length).toBe(50);
    await page.getByRole('link', { name: 'Next', exact: true }).click();
    await expect(page).toHaveURL(/after=/);
    await expect(rows(page, 'Merchants').first().locator(`a[href="${first[0]}"]`)).toHaveCount(0);
    const second = await links(page, 'Merchants');
    expect(second.filter((link) => first.includes(link))).toEqual([]);
    await page.getByRole('link', { name: 'Previous', exact: true }).click();
    await expect(page).toHaveURL(/before=/);
    await expect(rows(page, 'Merchants').last().locator(`a[href="${first.at(-1)}"]`)).toBeVisible();
    // The page holds the fifty before the cursor: all that were there, but for those that a newly added merchant pushes out.
    const back = await links(page, 'Merchants');
    expect(back.filter((link) => second.includes(link))).toEqual([]);
    expect(back.filter((link) => first.includes(link)).length).toBeGreaterThan(45);

    await page.getByRole('columnheader', { name: 'Merchant' }).getByRole('link').click();
    await expect(page.getByRole('columnheader', { name: 'Merchant' })).toHaveAttribute('aria-sort', 'descending');
    await expect(rows(page, 'Merchants').first().locator(`a[href="${first[0]}"]`)).toHaveCount(0);

    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Status: Prospect' });
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page).toHaveURL(/status=prospect/);
    await expect(rows(page, 'Merchants').filter({ hasNotText: 'Prospect' })).toHaveCount(0);
    await expect(rows(page, 'Merchants').first()).toContainText('Prospect');
  });
});
