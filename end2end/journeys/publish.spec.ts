// From a draft to the member site: one person writes, a second approves, a third publishes.
import { expect, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { activeMerchant, approve, field, fillDraft, openNewOffer, openReview, publish, saveDraft, sendForReview } from '../support/offers';

const TOO_MUCH = 'The discount must be more than 0 and at most 100 percent.';

/** The offer's own page for members, found by a search; null when the search does not find it. */
async function findAsMember(page: Page, words: string): Promise<string | null> {
  await page.goto(`/offers?q=${encodeURIComponent(words)}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`“${words}”`);
  const link = page.locator('main a[href^="/offers/"]').filter({ hasText: words });
  return (await link.count()) === 0 ? null : await link.getAttribute('href');
}

withAndWithoutScripts(() => {
  test('an offer is written, reviewed by a second person and published by a third', async ({ desk, visitor, problems, scripts }) => {
    // Words that no other offer has, so that members find this one.
    const headline = scripts ? 'Marzipan Monday' : 'Saffron Sunday';
    const summary = 'Every large one, also to take away.';
    const [editor, reviewer, publisher, member] = [await desk('editor'), await desk('reviewer'), await desk('campaigns'), await visitor()];

    const merchant = await activeMerchant(editor);
    await openNewOffer(editor, merchant);
    await fillDraft(editor, { headline, percent: '120', summary });
    if (scripts) {
      // The message comes while one types, before anything was sent.
      await field(editor, 'Percent').blur();
      await expect(field(editor, 'Percent')).toHaveAccessibleDescription(new RegExp(TOO_MUCH));
    }
    if (scripts) problems.expect(422);
    await saveDraft(editor);
    await expect(editor.getByRole('alert').getByRole('link', { name: TOO_MUCH })).toBeVisible();
    await expect(editor.getByRole('alert'), 'what is wrong has the focus').toBeFocused();
    await expect(field(editor, 'Percent')).toHaveAccessibleDescription(new RegExp(TOO_MUCH));
    await expect(field(editor, 'Percent')).toHaveValue('120');
    // Nothing that was typed is lost.
    await expect(field(editor, 'Headline')).toHaveValue(headline);
    await expect(field(editor, 'Summary')).toHaveValue(summary);
    await expect(field(editor, 'Terms')).toHaveValue('- Not with other offers\n- One a visit');
    await expect(editor.getByRole('combobox', { name: 'Kind' })).toHaveValue('percent_off');
    await expect(editor.getByLabel('Valid from')).toHaveValue('2026-01-01T00:00');
    await expect(editor.getByRole('group', { name: 'Categories' }).getByRole('checkbox', { checked: true })).toHaveCount(1);

    await field(editor, 'Percent').fill('20');
    if (scripts) await expect(field(editor, 'Percent')).not.toHaveAccessibleDescription(new RegExp(TOO_MUCH));
    await saveDraft(editor);
    await expect(editor).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
    await expect(editor.getByRole('heading', { level: 1 })).toContainText(headline);
    const offer = new URL(editor.url()).pathname;
    await sendForReview(editor);

    await openReview(reviewer, offer);
    await expect(reviewer.getByRole('main')).toContainText(summary);
    await approve(reviewer);
    expect(await findAsMember(member, headline), 'approved is not yet published').toBeNull();

    await publish(publisher, offer);
    const page = await findAsMember(member, headline);
    expect(page, 'it is live at the next request').not.toBeNull();
    await member.goto(page ?? '');
    await expect(member.getByRole('heading', { level: 1 })).toContainText(headline);
    await expect(member.getByRole('heading', { level: 1 })).toContainText('20% off');
    await expect(member.getByRole('main')).toContainText(summary);
    await expect(member.getByRole('listitem').filter({ hasText: 'One a visit' })).toBeVisible();

    // An edit after the approval waits for its own; what members read stays.
    await open(editor, offer);
    await field(editor, 'Percent').fill('25');
    await saveDraft(editor);
    await expect(editor.getByRole('button', { name: 'Send for review' })).toBeVisible();
    await expect(publisher.getByRole('button', { name: 'Publish revision 2 now' })).toHaveCount(0);
    await member.reload();
    await expect(member.getByRole('heading', { level: 1 })).toContainText('20% off');

    await sendForReview(editor);
    await openReview(reviewer, offer);
    const change = reviewer.getByRole('list', { name: 'Changed fields' }).getByRole('listitem').filter({ hasText: 'Percent' });
    await expect(change.getByRole('deletion')).toHaveText('20%');
    await expect(change.getByRole('insertion')).toHaveText('25%');
    await approve(reviewer);
    await member.reload();
    await expect(member.getByRole('heading', { level: 1 })).toContainText('20% off');
    await publish(publisher, offer);
    await member.reload();
    await expect(member.getByRole('heading', { level: 1 })).toContainText('25% off');

    // Paused, it is gone at the next request; resumed, it is back under the same address.
    await publisher.getByRole('button', { name: 'Pause' }).click();
    await expect(publisher.getByRole('button', { name: 'Resume' })).toBeVisible();
    problems.expect(404);
    await member.reload();
    await expect(member.getByRole('heading', { level: 1 })).toHaveText('Not found');
    await publisher.getByRole('button', { name: 'Resume' }).click();
    await expect(publisher.getByRole('button', { name: 'Pause' })).toBeVisible();
    await member.reload();
    await expect(member.getByRole('heading', { level: 1 })).toContainText('25% off');
  });

  test('nobody approves their own work, administrators included; what a reviewer asks for comes back to the editor', async ({
    desk,
    scripts,
  }) => {
    const [admin, reviewer] = [await desk('admin'), await desk('reviewer')];
    const merchant = await activeMerchant(admin);
    await openNewOffer(admin, merchant);
    await fillDraft(admin, { headline: scripts ? 'Own praise smells' : 'Own praise rings', percent: '10', summary: 'A tenth off.' });
    await saveDraft(admin);
    await expect(admin).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
    const offer = new URL(admin.url()).pathname;
    await sendForReview(admin);
    await openReview(admin, offer);
    await expect(admin.getByRole('main')).toContainText('somebody else must approve it');
    await expect(admin.getByRole('button', { name: 'Approve' })).toHaveCount(0);

    await openReview(reviewer, offer);
    await reviewer.getByText('Ask for changes').click();
    await field(reviewer, 'What should change').fill('Say which day.');
    await reviewer.getByRole('button', { name: 'Send back' }).click();
    await expect(reviewer.getByRole('heading', { level: 1 }).locator('..')).toContainText('Changes asked');
    await admin.goto(offer);
    await expect(admin.getByRole('main')).toContainText('Say which day.');
  });
});
