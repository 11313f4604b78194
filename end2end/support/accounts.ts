// Accounts that a journey makes for itself, and the codes of their second factors.
import { createHmac } from 'node:crypto';
import { expect, live, open, type Page } from './test';
import { fillSignIn } from './people';

export const NEW_PASSWORD = 'four quiet brown geese';

/** An administrator adds an account; its person sets the password and signs in, which `page` shows then. */
export async function newPerson(admin: Page, page: Page, name: string, email: string, role: string): Promise<void> {
  await open(admin, '/desk/accounts/new');
  await admin.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await admin.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await admin.getByRole('checkbox', { name: new RegExp(`^${role}`) }).check();
  await admin.getByRole('button', { name: 'Add account' }).click();
  await open(page, await admin.getByRole('textbox', { name: 'Link to set the password' }).inputValue());
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByLabel('The same again').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page).toHaveURL(/\/desk\/sign-in/);
  await live(page);
  await fillSignIn(page, email, NEW_PASSWORD);
  await expect(page).toHaveURL('/desk');
}

/** The code that an authenticator app shows `later` steps of thirty seconds from now. */
export function codeOf(key: string, later = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replaceAll(' ', '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', secret).update(step).digest();
  const at = (mac[mac.length - 1] ?? 0) & 15;
  return ((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).toString().padStart(6, '0');
}
