// Signing in through a provider: a second server over the same data, and a real provider beside it.
import { expect, type Page, test, withAndWithoutScripts } from '../support/test';
import { CLIENT, type Person, SECRET, startProvider } from '../support/provider';
import { freePort, startBeside } from '../support/server';

test.describe.configure({ mode: 'serial' });

const people = new Map<string, Person>();
const stops: (() => Promise<void>)[] = [];
let desk = '';

test.beforeAll(async () => {
  const [own, provider] = [await freePort(), await freePort()];
  desk = `http://127.0.0.1:${own}/desk`;
  stops.push(await startProvider(provider, `${desk}/oidc/back`, people));
  stops.push(
    await startBeside(own, {
      TESSERA_OIDC_ISSUER: `http://127.0.0.1:${provider}`,
      TESSERA_OIDC_CLIENT_ID: CLIENT,
      TESSERA_OIDC_CLIENT_SECRET: SECRET,
      TESSERA_OIDC_NAME: 'the provider',
      TESSERA_OIDC_ROLES: 'writers=editor,publishers=campaign_manager',
    }),
  );
});

test.afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** Goes through the provider as `name`, as far as its last page leads. */
async function come(page: Page, name: string): Promise<void> {
  // The provider's pages for development want a font from elsewhere.
  await page.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  await page.getByRole('link', { name: 'Sign in with the provider' }).click();
  await page.getByPlaceholder('Enter any login').fill(name);
  await page.getByPlaceholder('and password').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

withAndWithoutScripts(() => {
  test('whoever the provider knows comes to the page they wanted, with the roles of their groups', async ({ visitor, scripts }) => {
    const name = scripts ? 'nora' : 'nils';
    people.set(name, { groups: ['writers'], email: `${name}@demo.example`, verified: true });
    const page = await visitor();
    await page.goto(`${desk}/offers?sort=headline`);
    await come(page, name);
    await expect(page).toHaveURL(`${desk}/offers?sort=headline`);
    await expect(page.getByRole('link', { name: 'New offer' }).first()).toBeVisible();

    people.set(name, { groups: ['publishers'], email: `${name}@demo.example`, verified: true });
    const later = await visitor();
    await later.goto(`${desk}/account`);
    await come(later, name);
    await expect(later.getByRole('heading', { level: 1 })).toHaveText('Your account');
    await expect(later.getByRole('main')).toContainText('Campaign manager');
    // What they hold counts at once in the first browser too.
    await page.goto(`${desk}/offers`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Offers');
    await expect(page.getByRole('link', { name: 'New offer' })).toHaveCount(0);
  });

  test('who has no role, or no verified address, is told so and let in nowhere', async ({ visitor, scripts }) => {
    const [none, unverified] = scripts ? ['olga', 'omar'] : ['otto', 'orla'];
    people.set(none, { groups: ['others'], email: `${none}@demo.example`, verified: true });
    people.set(unverified, { groups: ['writers'], email: 'admin@demo.example', verified: false });
    for (const [name, words] of [[none, 'gives you no role here'], [unverified, 'vouches for no e-mail address']] as const) {
      const page = await visitor();
      await page.goto(`${desk}/offers`);
      await come(page, name);
      await expect(page.getByRole('main')).toContainText(words);
      await page.goto(`${desk}/offers`);
      await expect(page).toHaveURL(/\/desk\/sign-in/);
    }
  });

  test('what comes back from the provider counts once, and in the browser that was sent there', async ({ visitor, scripts }) => {
    const name = scripts ? 'pia' : 'pal';
    people.set(name, { groups: ['writers'], email: `${name}@demo.example`, verified: true });
    const [page, other] = [await visitor(), await visitor()];
    let back = '';
    page.on('request', (request) => {
      if (request.url().includes('/desk/oidc/back')) back = request.url();
    });
    await page.goto(`${desk}/offers`);
    await come(page, name);
    await expect(page).toHaveURL(`${desk}/offers`);
    for (const browser of [page, other]) {
      await browser.goto(back);
      await expect(browser.getByRole('main')).toContainText('came back twice. Start again.');
    }
    await other.goto(`${desk}/offers`);
    await expect(other).toHaveURL(/\/desk\/sign-in/);
  });
});
