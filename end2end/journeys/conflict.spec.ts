// Two people save the same draft: the second one chooses field by field, and nothing is lost.
import { expect, open, test, withAndWithoutScripts } from '../support/test';
import { activeMerchant, field, makeOffer, saveDraft } from '../support/offers';

withAndWithoutScripts(() => {
  test('the second of two editors sees both versions and chooses', async ({ desk, problems, scripts }) => {
    const [first, second] = [await desk('editor'), await desk('admin')];
    const offer = await makeOffer(first, await activeMerchant(first), {
      headline: scripts ? 'Conflict of pears' : 'Conflict of plums',
      percent: '15',
      summary: 'What both began with.',
    });
    await open(second, offer);
    await open(first, offer);

    await field(first, 'Headline').fill('First headline');
    await field(first, 'Summary').fill('The first summary.');
    await saveDraft(first);
    await expect(first.getByRole('heading', { level: 1 })).toContainText('First headline');

    if (scripts) problems.expect(409);
    await field(second, 'Headline').fill('Second headline');
    await field(second, 'Percent').fill('18');
    await saveDraft(second);
    await expect(second.getByRole('main')).toContainText('saved this while you were editing');

    // The second person's window shows what each of them wrote; only what both changed is left to choose.
    const row = (label: string) => second.getByRole('group', { name: label, exact: true });
    await expect(row('Headline').getByRole('radio', { name: /Your version.*Second headline/ })).not.toBeChecked();
    await expect(row('Headline').getByRole('radio', { name: /Saved version.*First headline/ })).not.toBeChecked();
    await expect(row('Percent').getByRole('radio', { name: /Your version.*18/ })).toBeChecked();
    await expect(row('Summary').getByRole('radio', { name: /Saved version.*The first summary/ })).toBeChecked();

    // Without a choice it is asked again, and what was chosen stays chosen.
    const save = second.getByRole('button', { name: 'Save these choices' });
    await Promise.all([second.waitForResponse((answer) => answer.request().method() === 'POST'), save.click()]);
    await expect(save, 'the focus is at the question again').not.toBeFocused();
    await expect(row('Headline').getByRole('radio', { checked: true })).toHaveCount(0);
    await expect(row('Percent').getByRole('radio', { name: /Your version/ })).toBeChecked();
    await expect(row('Summary').getByRole('radio', { name: /Saved version/ })).toBeChecked();
    await row('Headline').getByRole('radio', { name: /Your version/ }).check();
    await save.click();
    await expect(second.getByRole('heading', { level: 1 })).toContainText('Second headline');

    if (scripts) await expect(field(second, 'Headline'), 'the form says what came of it').toHaveValue('Second headline');
    await expect(field(second, 'Summary')).toHaveValue('The first summary.');

    await open(first, offer);
    await expect(field(first, 'Headline')).toHaveValue('Second headline');
    await expect(field(first, 'Percent')).toHaveValue('18');
    await expect(field(first, 'Summary')).toHaveValue('The first summary.');
  });

  test('choices that do not go together are made again, and the other version is not lost', async ({ desk, problems, scripts }) => {
    const [first, second] = [await desk('editor'), await desk('admin')];
    const offer = await makeOffer(first, await activeMerchant(first), {
      headline: scripts ? 'Contrary cherries' : 'Contrary currants',
      percent: '15',
      summary: 'What both began with.',
    });
    await open(second, offer);
    await open(first, offer);
    await first.getByLabel('Valid until').fill('2027-01-31T00:00');
    await field(first, 'Summary').fill('Only in January.');
    await saveDraft(first);
    await expect(first.getByRole('complementary', { name: 'About this record' })).toContainText('2027-01-30');

    if (scripts) {
      problems.expect(409);
      problems.expect(422);
    }
    await second.getByLabel('Valid from').fill('2027-03-01T00:00');
    await saveDraft(second);
    const choice = (label: string, side: RegExp) => second.getByRole('group', { name: label, exact: true }).getByRole('radio', { name: side });
    const save = second.getByRole('button', { name: 'Save these choices' });
    await expect(choice('Summary', /Saved version/)).toBeChecked();
    await save.click();
    await expect(second.getByRole('alert').filter({ hasText: 'end is not after' })).toBeVisible();
    if (!scripts) {
      // The form is back as it was typed; saved once more, it asks again for everything that the other wrote.
      await expect(second.getByLabel('Valid from')).toHaveValue('2027-03-01T00:00');
      await saveDraft(second);
    }
    await choice('Valid from', /Saved version/).check();
    await choice('Valid until', /Saved version/).check();
    await choice('Summary', /Saved version/).check();
    await save.click();
    await expect(field(second, 'Summary')).toHaveValue('Only in January.');
    await expect(second.getByLabel('Valid until')).toHaveValue('2027-01-31T00:00');
    await expect(second.getByLabel('Valid from')).toHaveValue('2026-01-01T00:00');
  });
});
