// The staff of the demo data, and how they sign in.
import { type BrowserContext, type Cookie, expect, type Page } from '@playwright/test';

export const ROLES = ['admin', 'editor', 'reviewer', 'campaigns', 'analyst', 'support'] as const;
export type Role = (typeof ROLES)[number];

/** Of every account of the demo data, set when that is loaded. */
export const PASSWORD = 'walnut ferry plain candle';

export function emailOf(role: Role): string {
  return `${role}@demo.example`;
}

/** Fills the sign-in form that the page shows, and sends it. */
export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The sessions of one worker: each person signs in once, since sign-ins from one network are limited. */
export class Sessions {
  private readonly cookies = new Map<Role, Cookie[]>();

  async give(context: BrowserContext, role: Role): Promise<void> {
    const kept = this.cookies.get(role);
    if (kept) {
      await context.addCookies(kept);
      return;
    }
    const page = await context.newPage();
    await page.goto('/desk');
    await expect(page).toHaveURL(/\/desk\/sign-in/);
    await fillSignIn(page, emailOf(role), PASSWORD);
    await expect(page).toHaveURL('/desk');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    this.cookies.set(role, await context.cookies());
    await page.close();
  }
}
