// What is typed is not lost on the way: refusals leave it where it stands, steps beside a form too, and leaving it asks.
import { expect, live, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { activeMerchant, approve, field, fillDraft, makeOffer, openNewOffer, openReview, publish, saveDraft, sendForReview } from '../support/offers';

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
/** The page, while something in it has the focus. */
const focused = (page: Page) => page.locator('main:focus-within');

/** Fills the window of a publication and sends it. */
async function schedule(page: Page, from: string, until: string): Promise<void> {
  await page.getByLabel('From', { exact: true }).fill(from);
  await page.getByLabel('Until', { exact: true }).fill(until);
  await page.getByRole('button', { name: 'Schedule' }).click();
}

withAndWithoutScripts(() => {
  test('a reason and a window that are refused stand as they were typed, each with its message', async ({ desk, problems, scripts }) => {
    const [editor, reviewer, publisher] = [await desk('editor'), await desk('reviewer'), await desk('campaigns')];
    const headline = scripts ? 'Patient pears' : 'Patient plums';
    const offer = await makeOffer(editor, await activeMerchant(editor), { headline, percent: '15', summary: 'Waits.' });
    await sendForReview(editor);

    if (scripts) problems.expect(422);
    await openReview(reviewer, offer);
    const reason = 'word '.repeat(401).trim();
    await reviewer.getByText('Ask for changes').click();
    await field(reviewer, 'What should change').fill(reason);
    await reviewer.getByRole('button', { name: 'Send back' }).click();
    await expect(field(reviewer, 'What should change')).toHaveAccessibleDescription(/at most 2000 fit/);
    await expect(field(reviewer, 'What should change')).toBeVisible();
    await expect(field(reviewer, 'What should change')).toHaveValue(reason);
    await approve(reviewer);

    await open(publisher, offer);
    await publisher.getByText('Publish at another time').click();
    // Left empty, it publishes nothing.
    await publisher.getByRole('button', { name: 'Schedule' }).click();
    await expect(publisher.getByLabel('From', { exact: true })).toHaveAccessibleDescription(/Say from when/);
    await expect(heading(publisher).locator('..')).toContainText('Unpublished');
    await expect(publisher.getByRole('complementary', { name: 'About this record' }).getByLabel('Time zone')).toHaveValue(/^[A-Z][a-z]+\//);
    await schedule(publisher, '2099-05-02T10:00', '2099-05-01T10:00');
    const until = publisher.getByLabel('Until', { exact: true });
    await expect(until).toHaveAccessibleDescription(/The end is not after the start/);
    await expect(until).toBeVisible();
    await expect(until).toHaveValue('2099-05-01T10:00');
    await expect(publisher.getByLabel('From', { exact: true })).toHaveValue('2099-05-02T10:00');
    await schedule(publisher, '2099-05-02T10:00', '2099-05-03T10:00');
    await expect(heading(publisher).locator('..')).toContainText('Scheduled');
  });
});

test('sending for review waits until what was typed is saved', async ({ desk }) => {
  const editor = await desk('editor');
  await makeOffer(editor, await activeMerchant(editor), { headline: 'Unsaved ume', percent: '15', summary: 'Saved.' });
  await field(editor, 'Headline').fill('Unsaved ume, typed');
  await editor.getByRole('button', { name: 'Send for review' }).click();
  await expect(editor.getByRole('alert').filter({ hasText: 'Save your changes first' })).toBeVisible();
  await expect(field(editor, 'Headline')).toHaveValue('Unsaved ume, typed');
  await expect(editor.getByRole('main')).toContainText('Nothing was sent for review yet.');

  await saveDraft(editor);
  await expect(heading(editor)).toContainText('Unsaved ume, typed');
  await expect(editor.getByRole('alert')).toHaveCount(0);
  await sendForReview(editor);
  await expect(editor.getByRole('status').filter({ hasText: 'Sent for review' })).toBeVisible();
});

test('what a review still wants leads to its field, until the draft is saved', async ({ desk, problems }) => {
  const editor = await desk('editor');
  await openNewOffer(editor, await activeMerchant(editor));
  await fillDraft(editor, { headline: 'Thin thyme', percent: '15', summary: 'Lacks its terms.' });
  await field(editor, 'Terms').fill('');
  await saveDraft(editor);
  await expect(heading(editor)).toContainText('Thin thyme');
  await live(editor);

  problems.expect(422);
  await editor.getByRole('button', { name: 'Send for review' }).click();
  await editor.getByRole('alert').getByRole('link', { name: /needs terms/ }).click();
  await expect(field(editor, 'Terms')).toBeFocused();
  await expect(field(editor, 'Terms')).toHaveAccessibleDescription(/needs terms/);
  await field(editor, 'Terms').fill('One a visit.');
  await saveDraft(editor);
  await expect(editor.getByRole('alert')).toHaveCount(0);
  await expect(focused(editor), 'the focus after a save').toHaveCount(1);
  await sendForReview(editor);
  await expect(focused(editor), 'the focus after a step whose button is gone').toHaveCount(1);
});

test('steps that leave the draft alone leave what is typed into it, taken or refused', async ({ desk, problems }) => {
  const [admin, reviewer] = [await desk('admin'), await desk('reviewer')];
  const offer = await makeOffer(admin, await activeMerchant(admin), { headline: 'Steady sloes', percent: '15', summary: 'Saved.' });
  await sendForReview(admin);
  await openReview(reviewer, offer);
  await approve(reviewer);
  await publish(admin, offer);

  await field(admin, 'Summary').fill('Typed beside a step.');
  await admin.getByRole('button', { name: 'Pause' }).click();
  await expect(admin.getByRole('button', { name: 'Resume' })).toBeVisible();
  await expect(heading(admin).locator('..')).toContainText('Paused');
  await expect(field(admin, 'Summary')).toHaveValue('Typed beside a step.');

  problems.expect(422);
  await admin.getByText('Publish at another time').click();
  await schedule(admin, '2099-05-02T10:00', '2099-05-01T10:00');
  await expect(admin.getByLabel('Until', { exact: true })).toHaveAccessibleDescription(/The end is not after the start/);
  await expect(field(admin, 'Summary')).toHaveValue('Typed beside a step.');
});

test('a page with unsaved changes is left only after a question', async ({ desk }) => {
  const editor = await desk('editor');
  const offer = await makeOffer(editor, await activeMerchant(editor), { headline: 'Asked apples', percent: '15', summary: 'Saved.' });
  const asked: string[] = [];
  editor.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  const merchants = editor.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Merchants' });
  await field(editor, 'Headline').fill('Asked apples, typed');
  await merchants.click({ noWaitAfter: true });
  await expect.poll(() => asked).toEqual(['beforeunload']);
  await expect(editor).toHaveURL(offer);
  await expect(field(editor, 'Headline')).toHaveValue('Asked apples, typed');

  await saveDraft(editor);
  await expect(heading(editor)).toContainText('Asked apples, typed');
  await merchants.click();
  await expect(heading(editor)).toHaveText('Merchants');
  expect(asked, 'nothing is unsaved any more').toHaveLength(1);
});
