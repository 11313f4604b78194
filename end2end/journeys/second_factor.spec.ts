// A second factor: set up, asked for, lost and taken away.
import { expect, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { codeOf, NEW_PASSWORD, newPerson } from '../support/accounts';
import { fillSignIn } from '../support/people';
import { expectAccessible, expectFits } from '../support/looks';

/** Signs in as far as the page that asks for the code. */
async function comeToCode(page: Page, email: string): Promise<void> {
  await open(page, '/desk/sign-in?next=/desk/offers');
  await fillSignIn(page, email, NEW_PASSWORD);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter your code');
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

withAndWithoutScripts(() => {
  test('a second factor is set up, asked for at the next sign-in, and taken away when it is lost', async ({ desk, visitor, scripts }) => {
    const [admin, page, other] = [await desk('admin'), await visitor(), await visitor()];
    const [name, email] = scripts ? ['Toni Tau', 'toni@demo.example'] : ['Tara Tau', 'tara@demo.example'];
    await newPerson(admin, page, name, email, 'Editor');
    await open(page, '/desk/account');
    await page.getByRole('link', { name: 'Set up a second factor' }).click();
    await page.getByRole('button', { name: 'Set up' }).click();
    const key = await page.getByRole('textbox', { name: 'Key' }).inputValue();
    await expect(page.getByRole('img', { name: 'QR code of the key' }).locator('svg')).toBeVisible();
    if (scripts) {
      await expectAccessible(page);
      await expectFits(page);
    }
    await page.getByRole('textbox', { name: 'Code' }).fill('000000');
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByRole('main')).toContainText('This code is not right');
    await page.getByRole('textbox', { name: 'Code' }).fill(codeOf(key));
    await page.getByRole('button', { name: 'Turn on' }).click();
    const shown = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
    await expect(shown).toHaveCount(10);
    const codes = await shown.allTextContents();
    await page.reload();
    await expect(page.getByRole('main')).toContainText('Recovery codes are shown once only');
    await page.getByRole('link', { name: 'To your account' }).click();
    await expect(page.getByRole('main')).toContainText('10 recovery codes are left.');

    // The password alone opens nothing, and neither does a code that is not of this moment.
    await comeToCode(other, email);
    if (scripts) await expectAccessible(other);
    await other.goto('/desk/offers');
    await expect(other).toHaveURL(/\/desk\/sign-in\?next/);
    await comeToCode(other, email);
    await enterCode(other, '000000');
    await expect(other.getByRole('main')).toContainText('This code is not right');
    // The code of the next half minute counts already; the one of this may have been used up by the set-up.
    await enterCode(other, codeOf(key, 1));
    await expect(other).toHaveURL('/desk/offers');

    const third = await visitor();
    await comeToCode(third, email);
    await enterCode(third, codes[0] ?? '');
    await expect(third).toHaveURL('/desk/offers');
    await open(third, '/desk/account');
    await expect(third.getByRole('main')).toContainText('9 recovery codes are left.');
    await third.getByLabel('Your password, to change this').fill('not the password');
    await third.getByRole('button', { name: 'Make new recovery codes' }).click();
    await expect(third.getByRole('main')).toContainText('This is not your password now.');
    await third.getByLabel('Your password, to change this').fill(NEW_PASSWORD);
    await third.getByRole('button', { name: 'Make new recovery codes' }).click();
    await expect(third.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(10);

    await open(admin, '/desk/accounts');
    await admin.getByRole('link', { name }).click();
    await admin.getByRole('button', { name: 'Take the second factor away' }).click();
    await expect(admin.getByRole('button', { name: 'Take the second factor away' })).toHaveCount(0);
    const last = await visitor();
    await open(last, '/desk/sign-in');
    await fillSignIn(last, email, NEW_PASSWORD);
    await expect(last).toHaveURL('/desk');
  });
});
