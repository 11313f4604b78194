// `test` of every journey: pages that are watched, people who are signed in.
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { Problems } from './problems';
import { type Role, Sessions } from './people';

export { expect, type Page };

interface OfTest {
  /** What went wrong behind the pages; looked at when the test is done. */
  problems: Problems;
  /** Whether scripts run in this test's pages. */
  scripts: boolean;
  /** A page of somebody who is signed in at the desk, in a browser profile of their own. */
  desk: (role: Role) => Promise<Page>;
  /** A page of somebody who is not signed in, in a browser profile of their own. */
  visitor: () => Promise<Page>;
}

interface OfWorker {
  sessions: Sessions;
}

export const test = base.extend<OfTest, OfWorker>({
  sessions: [async ({}, use) => use(new Sessions()), { scope: 'worker' }],

  baseURL: async ({}, use) => use(process.env.JOURNEYS_URL),

  scripts: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

  problems: [
    async ({}, use) => {
      const problems = new Problems();
      await use(problems);
      problems.expectNone();
    },
    { auto: true },
  ],

  context: async ({ context, problems, scripts }, use) => {
    await prepare(context, problems, scripts);
    await use(context);
  },

  desk: async ({ browser, problems, scripts, sessions }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (role) => {
      const context = await profile(browser, opened, problems, scripts);
      await sessions.give(context, role);
      return await context.newPage();
    });
    for (const context of opened) await context.close();
  },

  visitor: async ({ browser, problems, scripts }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => (await profile(browser, opened, problems, scripts)).newPage());
    for (const context of opened) await context.close();
  },
});

/** Runs a body of tests twice: in a browser that runs scripts, and in one that does not. */
export function withAndWithoutScripts(body: () => void): void {
  test.describe('with scripts', body);
  test.describe('without scripts', () => {
    test.use({ javaScriptEnabled: false });
    body();
  });
}

async function profile(browser: Browser, opened: BrowserContext[], problems: Problems, scripts: boolean): Promise<BrowserContext> {
  const context = await browser.newContext();
  opened.push(context);
  await prepare(context, problems, scripts);
  return context;
}

async function prepare(context: BrowserContext, problems: Problems, scripts: boolean): Promise<void> {
  problems.watch(context, scripts);
  if (!scripts) return;
  await problems.watchPolicy(context);
  await context.addInitScript(markLiveForms);
}

/** Marks forms that a script listens to. Runs in the page, before its own scripts. */
function markLiveForms(): void {
  Object.assign(window, { marksLiveForms: true });
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (this: EventTarget, ...args: Parameters<typeof add>) {
    if (this instanceof HTMLFormElement && args[0] === 'submit') Object.assign(this, { isLive: true });
    add.apply(this, args);
  };
}

/** Goes to an address, and waits until the page's form answers to its scripts. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await live(page);
}

/** Waits until the page's scripts, where they run, have taken over one of the forms that go to the server. */
export async function live(page: Page): Promise<void> {
  await page.waitForFunction(() => document.title !== '');
  if (!(await page.evaluate(() => 'marksLiveForms' in window))) return;
  await page.waitForFunction(() => {
    // Those that no script takes over say so.
    const forms = [...document.querySelectorAll('main form[method=post][action*="/api/"]:not([target=_self])')];
    return forms.length === 0 || forms.some((form) => 'isLive' in form);
  });
}
