// Impatient people: a double click, the way back and a reload after sending do nothing twice.
import { expect, open, test, withAndWithoutScripts } from '../support/test';
import { activeMerchant, fillDraft, openNewOffer, sendForReview } from '../support/offers';

withAndWithoutScripts(() => {
  test('a double click saves one offer, and one sending makes one revision', async ({ desk, scripts }) => {
    const headline = scripts ? 'Hasty hazelnuts' : 'Hasty walnuts';
    const editor = await desk('editor');
    await openNewOffer(editor, await activeMerchant(editor));
    const form = editor.url();
    await fillDraft(editor, { headline, percent: '5', summary: 'Clicked twice.' });
    await editor.getByRole('button', { name: 'Save draft' }).dblclick();
    await expect(editor).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
    const offer = new URL(editor.url()).pathname;
    await expect(editor.getByRole('heading', { level: 1 })).toContainText(headline);

    await editor.getByRole('button', { name: 'Send for review' }).dblclick();
    await expect(editor.getByRole('link', { name: /revision 1/ }).first()).toBeVisible();
    await editor.reload();
    await expect(editor.getByRole('heading', { level: 1 })).toContainText(headline);
    await expect(editor.getByRole('main')).not.toContainText('Revision 2');

    // Back to the form and on again: both are pages one only looks at.
    await editor.goto(form);
    await editor.goto(offer);
    await editor.goBack();
    await editor.goForward();
    await open(editor, `/desk/offers?q=${encodeURIComponent(headline)}`);
    await expect(editor.getByRole('region', { name: 'Offers' }).getByRole('row').filter({ hasText: headline })).toHaveCount(1);
  });
});

test('the way back after a save leads to pages that can be used again', async ({ desk }) => {
  const editor = await desk('editor');
  await openNewOffer(editor, await activeMerchant(editor));
  await fillDraft(editor, { headline: 'There and back again', percent: '5', summary: 'Walked.' });
  await editor.getByRole('button', { name: 'Save draft' }).click();
  await expect(editor).toHaveURL(/\/desk\/offers\/[0-9a-f-]{36}$/);
  await sendForReview(editor);
  await editor.goBack();
  await expect(editor.getByRole('button', { name: 'Save draft' })).toBeVisible();
  await editor.goBack();
  await expect(editor.getByRole('searchbox', { name: 'Merchant' })).toBeVisible();
  await open(editor, '/desk/offers?q=There+and+back+again');
  await expect(editor.getByRole('region', { name: 'Offers' }).getByRole('row').filter({ hasText: 'There and back again' })).toHaveCount(1);
});
