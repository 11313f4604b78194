// What a page must pass however it looks: axe-core finds nothing.
import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const tool = (window as unknown as { axe: typeof import('axe-core') }).axe;
    const { violations } = await tool.run(document, { resultTypes: ['violations'] });
    return violations.map((violation) => ({
      rule: `${violation.id}: ${violation.help}`,
      at: violation.nodes.map((node) => `${node.target.join(' ')}  ${node.html.slice(0, 200)}`),
    }));
  });
  expect.soft(violations, `what axe-core finds at ${page.url()}`).toEqual([]);
}

/** Nothing is wider than the window: one scrolls down, never to the side. */
export async function expectFits(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect.soft(content, `width of what stands at ${page.url()}`).toBeLessThanOrEqual(window ?? 0);
}

/** Whether the focus can be seen on what has it: an outline or a ring, drawn by the stylesheet. */
export async function focusIsVisible(page: Page): Promise<boolean> {
  return await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return false;
    // The frame round an input with a unit or an icon shows the focus for it.
    return [element, element.parentElement].some((candidate) => {
      if (!candidate) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(candidate);
      return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    });
  });
}
