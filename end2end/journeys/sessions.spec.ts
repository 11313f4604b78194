// The browsers in which one is signed in: told apart, and ended.
import { expect, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { NEW_PASSWORD, newPerson } from '../support/accounts';
import { fillSignIn } from '../support/people';

const rows = (page: Page) => page.getByRole('region', { name: 'Open sessions' }).locator('tbody').getByRole('row');

async function signIn(page: Page, email: string): Promise<Page> {
  await open(page, '/desk/sign-in');
  await fillSignIn(page, email, NEW_PASSWORD);
  await expect(page).toHaveURL('/desk');
  return page;
}

withAndWithoutScripts(() => {
  test('one sees where one is signed in, and signs out there', async ({ desk, visitor, scripts }) => {
    const [admin, here] = [await desk('admin'), await visitor()];
    const [name, email] = scripts ? ['Sam Sigma', 'sam@demo.example'] : ['Sue Sigma', 'sue@demo.example'];
    await newPerson(admin, here, name, email, 'Support');
    const [second, third] = [await signIn(await visitor(), email), await signIn(await visitor(), email)];
    await open(here, '/desk/account');
    await expect(rows(here)).toHaveCount(3);
    const own = rows(here).filter({ hasText: 'This browser' });
    await expect(own).toHaveCount(1);
    await expect(own).toContainText(/Chrome on Linux/);
    await expect(own).toContainText('127.0.0.1');
    await expect(own.getByRole('button')).toHaveCount(0);

    // The one used last stands first.
    await rows(here).first().getByRole('button', { name: 'Sign out' }).click();
    await expect(rows(here)).toHaveCount(2);
    await third.goto('/desk/offers');
    await expect(third).toHaveURL(/\/desk\/sign-in/);
    await second.goto('/desk/offers');
    await expect(second).toHaveURL('/desk/offers');

    await here.getByRole('button', { name: 'Sign out all other browsers' }).click();
    await expect(rows(here)).toHaveCount(1);
    await second.goto('/desk/offers');
    await expect(second).toHaveURL(/\/desk\/sign-in/);

    await open(admin, '/desk/accounts');
    await admin.getByRole('link', { name }).click();
    await expect(rows(admin)).toHaveCount(1);
    await admin.getByRole('main').getByRole('button', { name: 'Sign out everywhere' }).click();
    await expect(rows(admin)).toHaveCount(0);
    await here.goto('/desk/offers');
    await expect(here).toHaveURL(/\/desk\/sign-in/);
  });
});
