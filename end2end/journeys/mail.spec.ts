// Invitations and new passwords by mail, held for want of a mail server and read at the desk.
import { NEW_PASSWORD } from '../support/accounts';
import { fillSignIn } from '../support/people';
import { expect, live, open, type Page, test, withAndWithoutScripts } from '../support/test';

const ANSWER = 'If there is an account with this address, a mail with a link is on its way.';

async function addAccount(admin: Page, name: string, email: string): Promise<void> {
  await open(admin, '/desk/accounts/new');
  await admin.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await admin.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await admin.getByRole('checkbox', { name: /^Editor/ }).check();
  await admin.getByRole('button', { name: 'Add account' }).click();
  await expect(admin.getByRole('textbox', { name: 'Link to set the password' })).toBeVisible();
}

/** The newest mail to an address with this subject, once the server's job has held it; answers the link in it. */
async function heldLink(admin: Page, email: string, subject: string): Promise<string> {
  const row = admin.getByRole('row').filter({ hasText: email }).filter({ hasText: subject }).first();
  await expect(async () => {
    await admin.goto('/desk/mail?state=held');
    await expect(row).toBeVisible({ timeout: 1000 });
  }).toPass();
  await row.getByRole('link', { name: subject }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toHaveText(subject);
  await expect(admin.getByRole('main')).toContainText('No mail server is set');
  const text = await admin.getByText(/\/desk\/password\//).innerText();
  return /http\S+\/desk\/password\/\S+/.exec(text)![0];
}

async function setPassword(page: Page, link: string): Promise<void> {
  await open(page, link);
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByLabel('The same again').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('main')).toContainText('Your password is set.');
}

async function askForReset(page: Page, email: string): Promise<void> {
  await open(page, '/desk/sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Forgot your password?');
  await live(page);
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('main')).toContainText(ANSWER);
}

withAndWithoutScripts(() => {
  test('an invitation is held without a mail server, and again when it is sent again; its link leads in', async ({
    desk,
    visitor,
    scripts,
  }) => {
    const [admin, person] = [await desk('admin'), await visitor()];
    const [name, email] = scripts ? ['Ida Post', 'ida@demo.example'] : ['Udo Post', 'udo@demo.example'];
    await addAccount(admin, name, email);
    const first = await heldLink(admin, email, 'Your account at the Tessera desk');

    await admin.getByRole('link', { name: 'Its page' }).click();
    await expect(admin.getByRole('heading', { level: 1 })).toHaveText(name);
    await live(admin);
    await admin.getByRole('button', { name: 'Send the invitation again' }).click();
    // The first link is worth nothing from the moment in which the second is made.
    await expect(async () => {
      await person.goto(first);
      await expect(person.getByRole('main')).toContainText('This link was used already', { timeout: 1000 });
    }).toPass();
    await expect(person.getByRole('link', { name: 'Ask for a new link' })).toBeVisible();

    let second = first;
    await expect(async () => {
      second = await heldLink(admin, email, 'Your account at the Tessera desk').catch(() => first);
      expect(second).not.toBe(first);
    }).toPass();
    await setPassword(person, second);
    await fillSignIn(person, email, NEW_PASSWORD);
    await expect(person).toHaveURL('/desk');
  });

  test('a forgotten password is set anew by mail, and a stranger’s address is answered in the same words', async ({
    desk,
    visitor,
    scripts,
  }) => {
    const [admin, person] = [await desk('admin'), await visitor()];
    const email = scripts ? 'ivy@demo.example' : 'uli@demo.example';
    await addAccount(admin, email.split('@')[0]!, email);
    await setPassword(person, await heldLink(admin, email, 'Your account at the Tessera desk'));

    await askForReset(person, 'stranger@demo.example');
    await askForReset(person, email);
    await setPassword(person, await heldLink(admin, email, 'Set a new password'));
    await fillSignIn(person, email, NEW_PASSWORD);
    await expect(person).toHaveURL('/desk');

    await admin.goto('/desk/mail');
    const told = admin.getByRole('row').filter({ hasText: email }).filter({ hasText: 'Your password was changed' });
    await expect(told).toHaveCount(1);
    await expect(admin.getByRole('row').filter({ hasText: 'stranger@demo.example' })).toHaveCount(0);
  });

  test('what is no address is told at its field', async ({ page, problems, scripts }) => {
    if (scripts) problems.expect(422);
    await open(page, '/desk/forgot');
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByRole('textbox', { name: 'E-mail address' })).toHaveAccessibleDescription(
      /The e-mail address must look like name@example.com./,
    );
    if (!scripts) await expect(page).toHaveURL('/desk/forgot?error=address');
  });
});

test('mail is for those who keep the server', async ({ desk, problems }) => {
  const editor = await desk('editor');
  await editor.goto('/desk');
  await expect(editor.getByRole('link', { name: 'Mail', exact: true })).toHaveCount(0);
  problems.expect(403);
  await editor.goto('/desk/mail');
  await expect(editor.getByRole('heading', { level: 1 })).toHaveText('Not for your role');
});
