// A picture's way from a file to the member site: uploaded, cropped to its focal point, approved with its offer, shown.
import { expect, live, open, type Page, test, withAndWithoutScripts } from '../support/test';
import { activeMerchant, approve, field, makeOffer, openReview, publish, saveDraft, sendForReview } from '../support/offers';
import { claimPng, type Colour, coloursOf, makePng } from '../support/png';

const RED: Colour = [210, 30, 30];
const GREEN: Colour = [30, 170, 60];
const BLUE: Colour = [30, 60, 210];

/** A high picture in three bands: a card shows only one of them. */
const bands = (first: Colour) => makePng(400, 1200, (_, y) => (y < 400 ? first : y < 800 ? GREEN : BLUE));

async function upload(page: Page, file: Buffer | null, name: string, alt: string): Promise<void> {
  const card = page.locator('form[action*="/desk/pictures/offer/"]');
  if (file) await card.getByLabel('File').setInputFiles({ name, mimeType: 'image/png', buffer: file });
  await card.getByRole('textbox', { name: 'What it shows' }).fill(alt);
  const answered = page.waitForEvent('load');
  await card.getByRole('button', { name: /^(Upload|Replace) picture$/ }).click();
  await answered;
  await live(page);
}

/** That what is seen of the member's picture has this colour everywhere. */
async function expectColour(page: Page, alt: string, wanted: Colour): Promise<void> {
  const picture = page.getByRole('img', { name: alt }).first();
  await expect(picture).toBeVisible();
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true);
  const seen = coloursOf(await picture.screenshot(), [[0.5, 0.3], [0.5, 0.5], [0.5, 0.7]]);
  for (const colour of seen) {
    for (const [channel, value] of colour.entries()) expect(Math.abs(value - (wanted[channel] ?? 0)), `${seen}`).toBeLessThan(40);
  }
}

withAndWithoutScripts(() => {
  test('a file that is no picture to show is refused in a sentence, and a picture is taken and removed again', async ({ desk, scripts }) => {
    const alt = 'Three bands, one above the other';
    const editor = await desk('editor');
    const merchant = await activeMerchant(editor);
    const offer = await makeOffer(editor, merchant, { headline: scripts ? 'Pecan Pavilion' : 'Quark Quay', percent: '20', summary: 'All of it.' });
    for (const [file, name, sentence] of [
      [null, '', 'Choose a picture first.'],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.png', 'This is no picture that can be read. Save it as JPEG, PNG or WebP and try again.'],
      [claimPng(50_000, 50_000), 'b.png', 'The picture has 50000 × 50000 pixels, which is more than the 50 million that fit. Make it smaller and try again.'],
      [bands(RED).subarray(0, 300), 'c.png', 'The picture is damaged or not complete. Save it again, or choose another one.'],
    ] as const) {
      await upload(editor, file, name, alt);
      await expect(editor.getByRole('alert').getByText(sentence)).toBeVisible();
      await expect(editor.getByRole('textbox', { name: 'What it shows' })).toHaveValue(alt);
    }
    await upload(editor, bands(RED), 'cup.png', '');
    await expect(editor.getByRole('alert').getByText('Say what the picture shows')).toBeVisible();

    await upload(editor, bands(RED), 'cup.png', alt);
    await expect(editor).toHaveURL(offer);
    await expect(field(editor, 'What the picture shows')).toHaveValue(alt);
    await editor.getByRole('button', { name: 'Remove picture' }).click();
    await expect(editor.getByRole('button', { name: 'Upload picture' })).toBeVisible();
    await expect(field(editor, 'What the picture shows')).toHaveCount(0);
  });

  test('an offer’s picture is uploaded, cropped to its focal point, approved and shown to members', async ({ desk, visitor, scripts }) => {
    const headline = scripts ? 'Pistachio Parade' : 'Quince Quarter';
    const alt = scripts ? 'Three bands, one above the other' : 'Three stripes, one above the other';
    const [editor, reviewer, publisher, member] = [await desk('editor'), await desk('reviewer'), await desk('campaigns'), await visitor()];
    const merchant = await activeMerchant(editor);
    const offer = await makeOffer(editor, merchant, { headline, percent: '20', summary: 'All of it.' });
    await upload(editor, bands(RED), 'cup.png', alt);
    await expect(editor).toHaveURL(offer);
    await expect(field(editor, 'What the picture shows')).toHaveValue(alt);
    await expect(field(editor, 'From the top')).toHaveValue('500');

    // The lowest band is what matters.
    if (scripts) {
      const picture = editor.getByRole('button', { name: 'Focal point' });
      await picture.click({ position: { x: 20, y: ((await picture.boundingBox())?.height ?? 0) * 0.9 } });
      await expect(field(editor, 'From the top')).toHaveValue(/^(89|90)\d$/);
      await picture.press('Shift+ArrowDown');
      await picture.press('Shift+ArrowDown');
      await expect(field(editor, 'From the top')).toHaveValue(/^(99\d|1000)$/);
      // The upload works with what is saved: it waits for it.
      await editor.getByRole('button', { name: 'Replace picture' }).click();
      await expect(editor.getByText('Save your changes first')).toBeVisible();
    } else {
      await field(editor, 'From the top').fill('1000');
    }
    await saveDraft(editor);
    await expect(editor.getByRole('button', { name: 'Send for review' })).toBeVisible();
    await sendForReview(editor);
    await openReview(reviewer, offer);
    await expect(reviewer.getByRole('img', { name: alt })).toBeVisible();
    await approve(reviewer);
    await publish(publisher, offer);

    await member.goto(`/offers?q=${encodeURIComponent(headline)}`);
    await expectColour(member, alt, BLUE);
    await member.locator('main a[href^="/offers/"]').filter({ hasText: headline }).click();
    await expect(member.getByRole('heading', { level: 1 })).toContainText(headline);
    await expectColour(member, alt, BLUE);
    const shared = await member.locator('meta[property="og:image"]').getAttribute('content');
    const file = await member.request.get(new URL(shared ?? '').pathname);
    expect([file.status(), file.headers()['content-type']]).toEqual([200, 'image/jpeg']);

    // Another picture is shown once it is approved, and not before.
    await open(editor, offer);
    await upload(editor, makePng(300, 200, () => RED), 'other.png', `${alt}, but red`);
    await member.reload();
    await expectColour(member, alt, BLUE);
    await sendForReview(editor);
    await openReview(reviewer, offer);
    const change = reviewer.getByRole('list', { name: 'Changed fields' }).getByRole('listitem').filter({ hasText: 'What the picture shows' });
    await expect(change.getByRole('insertion')).toHaveText(`${alt}, but red`);
    await approve(reviewer);
    await publish(publisher, offer);
    await member.reload();
    await expectColour(member, `${alt}, but red`, RED);
  });
});
