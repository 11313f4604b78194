// Signing in and out, and the keeping of accounts.
import { expect, live, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { emailOf, fillSignIn, PASSWORD } from '../support/people';

const WRONG = 'The e-mail address or the password is not right.';
const TAKEN = 'There is already an account with this e-mail address.';
const NEW_PASSWORD = 'four quiet brown geese';

/** Presses an entry of the menu of the account. */
async function fromAccountMenu(page: Page, words: string): Promise<void> {
  await page.getByRole('complementary', { name: 'Sidebar' }).locator('[popovertarget=account-menu]').click();
  await page.getByRole('button', { name: words, exact: true }).click();
}

/** An administrator adds an account; answers the link for its person. */
async function addAccount(admin: Page, name: string, email: string, role: string): Promise<string> {
  await admin.goto('/desk/accounts');
  await admin.getByRole('link', { name: 'Add account' }).click();
  await expect(admin.getByRole('textbox', { name: 'Name', exact: true })).toBeVisible();
  await live(admin);
  await admin.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await admin.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await admin.getByRole('checkbox', { name: new RegExp(`^${role}`) }).check();
  await admin.getByRole('button', { name: 'Add account' }).click();
  return await admin.getByRole('textbox', { name: 'Link to set the password' }).inputValue();
}

async function setPassword(page: Page, link: string): Promise<void> {
  await open(page, link);
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByLabel('The same again').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
}

withAndWithoutScripts(() => {
  test('a wrong password is refused in the same words as an unknown address; the right one leads where one wanted to go', async ({
    page,
    problems,
    scripts,
  }) => {
    await open(page, '/desk/offers?sort=headline');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
    if (scripts) problems.expect(409);
    for (const email of [emailOf('support'), 'nobody@demo.example']) {
      await fillSignIn(page, email, 'not the password');
      await expect(page.getByRole('main')).toContainText(WRONG);
    }
    await fillSignIn(page, emailOf('support'), PASSWORD);
    await expect(page).toHaveURL('/desk/offers?sort=headline');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Offers');
  });

  test('a sign-in says which field is missing, and is no try', async ({ page }) => {
    await open(page, '/desk/sign-in');
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(emailOf('support'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByLabel('Password')).toHaveAccessibleDescription('Enter your password.');
    await expect(page.getByRole('main')).not.toContainText(WRONG);
  });

  test('a new account is opened by its link, once; disabled, it is out at once', async ({ desk, visitor, problems, scripts }) => {
    const [admin, person, stranger] = [await desk('admin'), await visitor(), await visitor()];
    const [name, email] = scripts ? ['Ines Quist', 'ines@demo.example'] : ['Ole Quist', 'ole@demo.example'];
    const link = await addAccount(admin, name, email, 'Editor');

    // Looking at a link, as mail filters do, does not use it up.
    await open(stranger, link);
    await expect(stranger.getByRole('button', { name: 'Set password' })).toBeVisible();
    await setPassword(person, link);
    await expect(person).toHaveURL(/\/desk\/sign-in/);
    await expect(person.getByRole('main')).toContainText('Your password is set.');

    // Opened a second time, or sent from a page that was open already, it does nothing.
    if (scripts) problems.expect(409);
    await stranger.getByLabel('New password').fill(NEW_PASSWORD);
    await stranger.getByLabel('The same again').fill(NEW_PASSWORD);
    await stranger.getByRole('button', { name: 'Set password' }).click();
    await expect(stranger.getByRole('main')).toContainText('This link was used already');

    await fillSignIn(person, email, NEW_PASSWORD);
    await expect(person).toHaveURL('/desk');
    await person.goto('/desk/offers');
    await expect(person.getByRole('link', { name: 'New offer' }).first()).toBeVisible();

    await admin.goto('/desk/accounts');
    await admin.getByRole('link', { name }).click();
    await admin.getByRole('button', { name: 'Disable account' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Disable account' }).click();
    await expect(admin.getByRole('button', { name: 'Enable account' })).toBeVisible();
    await person.reload();
    await expect(person).toHaveURL(/\/desk\/sign-in/);
    await fillSignIn(person, email, NEW_PASSWORD);
    await expect(person.getByRole('main')).toContainText(WRONG);
  });

  test('signing out ends this browser’s session; signing out everywhere ends the others too', async ({ desk, visitor, scripts }) => {
    const [admin, here, there] = [await desk('admin'), await visitor(), await visitor()];
    const email = scripts ? 'una@demo.example' : 'ugo@demo.example';
    await setPassword(here, await addAccount(admin, 'Una Ugo', email, 'Support'));
    await expect(here).toHaveURL(/\/desk\/sign-in/);
    for (const page of [here, there]) {
      await page.goto('/desk/sign-in');
      await fillSignIn(page, email, NEW_PASSWORD);
      await expect(page).toHaveURL('/desk');
    }
    await fromAccountMenu(here, 'Sign out');
    await expect(here).toHaveURL(/\/desk\/sign-in/);
    await here.goto('/desk/offers');
    await expect(here).toHaveURL(/\/desk\/sign-in/);
    await there.reload();
    await expect(there).toHaveURL('/desk');

    await fillSignIn(here, email, NEW_PASSWORD);
    await expect(here).toHaveURL('/desk/offers');
    await fromAccountMenu(here, 'Sign out everywhere');
    await expect(here).toHaveURL(/\/desk\/sign-in/);
    await there.reload();
    await expect(there).toHaveURL(/\/desk\/sign-in/);
  });

  test('a page of another role says so and shows nothing', async ({ desk, problems }) => {
    const editor = await desk('editor');
    await editor.goto('/desk');
    await expect(editor.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Accounts' })).toHaveCount(0);
    problems.expect(403);
    for (const path of ['/desk/accounts', '/desk/audit']) {
      const answer = await editor.goto(path);
      expect(answer?.status(), path).toBe(403);
      await expect(editor.getByRole('main')).toContainText('Your role does not allow this.');
      await expect(editor.getByRole('table')).toHaveCount(0);
    }
  });
});

test('what only the server could know stays said while the form is corrected', async ({ desk, problems }) => {
  const admin = await desk('admin');
  await open(admin, '/desk/accounts/new');
  await admin.getByRole('textbox', { name: 'Name', exact: true }).fill('Second Editor');
  await admin.getByRole('textbox', { name: 'E-mail address' }).fill(emailOf('editor'));
  await admin.getByRole('checkbox', { name: /^Editor/ }).check();
  problems.expect(409);
  await admin.getByRole('button', { name: 'Add account' }).click();
  await expect(admin.getByRole('alert')).toContainText(TAKEN);
  await admin.getByRole('textbox', { name: 'Name', exact: true }).pressSequentially(' of all');
  await expect(admin.getByRole('alert')).toContainText(TAKEN);
});

test('the audit log names who did what', async ({ desk }) => {
  const analyst = await desk('analyst');
  await analyst.goto('/desk/audit');
  await analyst.getByRole('searchbox', { name: 'Action' }).fill('account.signed_in');
  await analyst.getByRole('button', { name: 'Apply' }).click();
  await expect(analyst).toHaveURL(/action=account.signed_in/);
  const rows = analyst.getByRole('region', { name: 'Audit log, newest first' }).getByRole('row');
  await expect(rows.nth(1)).toContainText('account.signed_in');
});
