import { type Page, REFUSED, expect, test } from '../support/test';
import { MEMBER_PAGES, NO_SUCH_PAGE, PUBLIC_PAGES } from '../support/site';

const viewport = { width: 320, height: 640 };

/** How far the page reaches beyond its window, in pixels. */
function excess(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

test('no page is wider than the narrowest phone', async ({ visit, member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const guest = await visit({ viewport });
  for (const path of [...PUBLIC_PAGES, NO_SUCH_PAGE]) {
    await guest.goto(path);
    expect.soft(await excess(guest), `${path}, signed out`).toBeLessThanOrEqual(0);
  }
  const ada = await member('ada', { viewport });
  for (const path of MEMBER_PAGES) {
    await ada.goto(path);
    expect.soft(await excess(ada), `${path}, signed in`).toBeLessThanOrEqual(0);
  }
});

test('long lines of a post do not make its page wider', async ({ member }) => {
  const ada = await member('ada', { viewport });
  await ada.goto('/posts/new');
  await ada.getByLabel('Title', { exact: true }).fill('x'.repeat(90));
  const line = 'y'.repeat(300);
  await ada.getByLabel('Text', { exact: true }).fill(`${line}\n\n\`\`\`\n${line}\n\`\`\`\n\n| ${line} |\n|---|\n| ${line} |`);
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada.locator('#post table')).toBeVisible();
  expect(await excess(ada)).toBeLessThanOrEqual(0);
  await ada.goto('/');
  await expect(ada.locator('.post-card')).toBeVisible();
  expect(await excess(ada)).toBeLessThanOrEqual(0);
});

test('menus of the top bar stay on the screen', async ({ visit }) => {
  const guest = await visit({ viewport });
  await guest.goto('/');
  await guest.locator('summary').first().click();
  const menu = guest.locator('.menu__panel').first();
  await expect(menu).toBeInViewport({ ratio: 1 });
});
