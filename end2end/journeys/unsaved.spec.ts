// What is typed is not lost on the way: refusals leave it where it stands, steps beside a form too, and leaving it asks.
import { expect, live, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { activeMerchant, approve, field, fillDraft, makeOffer, openNewOffer, openReview, publish, saveDraft, sendForReview } from '../support/offers';

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
/** The page, while something in it has the focus. */
const focused = (page: Page) => page.locator('main:focus-within');

/** The questions that the browser asks before it leaves a page; each is answered with staying. */
function questions(page: Page): string[] {
  const asked: string[] = [];
  page.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  return asked;
}

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

withAndWithoutScripts(() => {
  test('sending for review saves what is typed and sends it in one', async ({ desk, scripts }) => {
    const headline = scripts ? 'Unsaved ume' : 'Unsaved umbu';
    const editor = await desk('editor');
    const offer = await makeOffer(editor, await activeMerchant(editor), { headline, percent: '15', summary: 'Saved.' });
    await field(editor, 'Headline').fill(`${headline}, typed`);
    await sendForReview(editor);
    await expect(heading(editor)).toContainText(`${headline}, typed`);
    await expect(field(editor, 'Headline')).toHaveValue(`${headline}, typed`);
    if (scripts) await expect(editor.getByRole('status').filter({ hasText: 'Sent for review' })).toBeVisible();
    // Nothing is left to send, until something is typed again.
    if (scripts) {
      await field(editor, 'Summary').fill('Typed once more.');
      await expect(editor.getByRole('button', { name: 'Send for review' })).toBeVisible();
    }

    const reviewer = await desk('reviewer');
    await openReview(reviewer, offer);
    await expect(reviewer.getByRole('main')).toContainText(`${headline}, typed`);
  });

  test('what a review still wants leads to its field, with all that was typed, until it is there', async ({ desk, problems, scripts }) => {
    const editor = await desk('editor');
    await openNewOffer(editor, await activeMerchant(editor));
    await fillDraft(editor, { headline: scripts ? 'Thin thyme' : 'Thin tarragon', percent: '15', summary: 'Lacks its terms.' });
    await field(editor, 'Terms').fill('');
    await saveDraft(editor);
    await expect(editor).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
    await expect(editor.getByRole('heading', { level: 1 })).toContainText('Thin');
    await live(editor);

    if (scripts) problems.expect(422);
    await field(editor, 'Summary').fill('Typed before it was sent.');
    await editor.getByRole('button', { name: 'Send for review' }).click();
    await expect(editor.getByRole('alert')).toContainText('This was not sent for review.');
    await editor.getByRole('alert').getByRole('link', { name: /needs terms/ }).click();
    await expect(field(editor, 'Terms')).toBeFocused();
    await expect(field(editor, 'Terms')).toHaveAccessibleDescription(/needs terms/);
    await expect(field(editor, 'Summary')).toHaveValue('Typed before it was sent.');
    await field(editor, 'Terms').fill('One a visit.');
    await saveDraft(editor);
    await expect(editor.getByRole('alert')).toHaveCount(0);
    if (scripts) await expect(focused(editor), 'the focus after a save').toHaveCount(1);
    await sendForReview(editor);
    if (scripts) await expect(focused(editor), 'the focus after a step whose button is gone').toHaveCount(1);
    await expect(field(editor, 'Summary')).toHaveValue('Typed before it was sent.');
  });
});

test('what is typed while a save is under way stays, and the next save takes it', async ({ desk }) => {
  const editor = await desk('editor');
  await makeOffer(editor, await activeMerchant(editor), { headline: 'Ongoing oats', percent: '15', summary: 'Saved.' });
  // Slow lines: the answer of the save, and the page's reading of what stands after it.
  await editor.route(/\/api\/offers\/(save|load)_offer/, async (route) => {
    const answer = await route.fetch();
    await new Promise((done) => setTimeout(done, 700));
    await route.fulfill({ response: answer });
  });
  const summary = field(editor, 'Summary');
  await field(editor, 'Percent').fill('17.50');
  const saved = editor.waitForResponse(/save_offer/);
  await saveDraft(editor);
  await summary.fill('Typed while it was saved');
  await saved;
  await summary.focus();
  await summary.press('End');
  await editor.keyboard.type(', and after');
  await expect(heading(editor).locator('..').locator('..')).toContainText('17.5% off');
  await expect(summary).toHaveValue('Typed while it was saved, and after');
  await expect(summary).toBeFocused();
  await expect(field(editor, 'Percent'), 'in the spelling of what stands').toHaveValue('17.5');

  // A second save right after the first is no conflict with oneself.
  await saveDraft(editor);
  await sendForReview(editor);
  await editor.unroute(/\/api\/offers\/(save|load)_offer/);
  await editor.reload();
  await expect(summary).toHaveValue('Typed while it was saved, and after');
});

test('what is typed while a save meets somebody else’s stays, and is asked about by the next', async ({ desk, problems }) => {
  const [first, second] = [await desk('editor'), await desk('admin')];
  const offer = await makeOffer(first, await activeMerchant(first), { headline: 'Meeting melons', percent: '15', summary: 'Saved.' });
  await open(second, offer);
  await field(first, 'Summary').fill('The first summary.');
  await saveDraft(first);
  await expect(first.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();

  problems.expect(409);
  await second.route(/save_offer/, async (route) => {
    const answer = await route.fetch();
    await new Promise((done) => setTimeout(done, 700));
    await route.fulfill({ response: answer });
  });
  await field(second, 'Headline').fill('Meeting mangos');
  const answered = second.waitForResponse(/save_offer/);
  await saveDraft(second);
  // What is not whole yet would leave nothing to choose from.
  await field(second, 'Headline').fill('');
  await field(second, 'Summary').fill('The second summary.');
  await answered;
  await expect(second.getByRole('alert')).toContainText('Save again');
  await expect(field(second, 'Summary')).toHaveValue('The second summary.');
  await field(second, 'Headline').fill('Meeting mandarins');
  await saveDraft(second);

  const choice = (label: string, side: RegExp) => second.getByRole('group', { name: label, exact: true }).getByRole('radio', { name: side });
  await expect(choice('Headline', /Your version.*Meeting mandarins/)).toBeChecked();
  await choice('Summary', /Your version.*The second summary/).check();
  await second.getByRole('button', { name: 'Save these choices' }).dblclick();
  await expect(heading(second)).toContainText('Meeting mandarins');
  await expect(field(second, 'Summary')).toHaveValue('The second summary.');
});

test('an offer that is archived right after a save shows what was saved', async ({ desk }) => {
  const editor = await desk('editor');
  await makeOffer(editor, await activeMerchant(editor), { headline: 'Stored squash', percent: '15', summary: 'Before.' });
  await field(editor, 'Summary').fill('After.');
  await saveDraft(editor);
  await expect(editor.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await editor.getByRole('button', { name: 'Archive…' }).click();
  await editor.getByRole('dialog').getByRole('button', { name: 'Archive', exact: true }).click();
  await expect(heading(editor).locator('..')).toContainText('Archived');
  await expect(editor.getByRole('main')).toContainText('After.');
  await expect(editor.getByRole('main')).not.toContainText('Before.');
});

test('a session that ends while one types costs nothing', async ({ desk, problems }) => {
  const editor = await desk('editor');
  await makeOffer(editor, await activeMerchant(editor), { headline: 'Outlasting oranges', percent: '15', summary: 'Saved.' });
  const session = await editor.context().cookies();
  await editor.context().clearCookies();
  problems.expect(401);
  await field(editor, 'Summary').fill('Typed when signed out.');
  await saveDraft(editor);
  await expect(editor.getByRole('alert').filter({ hasText: 'signed out' })).toBeVisible();
  await expect(field(editor, 'Summary')).toHaveValue('Typed when signed out.');
  // As signing in again in another tab does.
  await editor.context().addCookies(session);
  await saveDraft(editor);
  await expect(editor.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();
  await editor.reload();
  await expect(field(editor, 'Summary')).toHaveValue('Typed when signed out.');
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
  const asked = questions(editor);
  const merchants = editor.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Merchants' });
  await field(editor, 'Headline').fill('Asked apples, typed');
  await merchants.click({ noWaitAfter: true });
  await expect.poll(() => asked).toEqual(['beforeunload']);
  await expect(editor).toHaveURL(offer);
  await expect(field(editor, 'Headline')).toHaveValue('Asked apples, typed');

  // A field that one is in and that is drawn anew, as the server spells it, is not typed into.
  await field(editor, 'Percent').press('End');
  await editor.keyboard.type('.50');
  await editor.keyboard.press('Control+s');
  await expect(heading(editor)).toContainText('Asked apples, typed');
  await expect(field(editor, 'Percent')).toHaveValue('15.5');
  await merchants.click();
  await expect(heading(editor)).toHaveText('Merchants');
  expect(asked, 'nothing is unsaved any more').toHaveLength(1);
});

test('a step that is refused over what is saved leaves nothing unsaved', async ({ desk, problems }) => {
  const editor = await desk('editor');
  await openNewOffer(editor, await activeMerchant(editor));
  await fillDraft(editor, { headline: 'Refused radish', percent: '15', summary: 'Lacks its terms.' });
  await field(editor, 'Terms').fill('');
  await saveDraft(editor);
  await expect(editor).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
  await expect(heading(editor)).toContainText('Refused radish');
  await live(editor);
  problems.expect(422);
  await editor.getByRole('button', { name: 'Send for review' }).click();
  await expect(editor.getByRole('alert')).toContainText('This was not sent for review.');
  const asked = questions(editor);
  await editor.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Merchants' }).click({ noWaitAfter: true });
  await expect(heading(editor)).toHaveText('Merchants');
  expect(asked).toEqual([]);
});
