import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from '../support/chromium.mjs';
import { signIn } from '../support/pages';
import { type Page, REFUSED, expect, test } from '../support/test';
import { Person } from '../support/api';
import { MAIN_MEMBER_PAGES, MAIN_PUBLIC_PAGES, MEMBER_PAGES, NO_SUCH_PAGE, OTHER_LOCALES, PUBLIC_PAGES } from '../support/site';

const viewport = { width: 320, height: 640 };

/** How far the page reaches beyond its window, in pixels. */
function excess(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Labels of the bars that reach into each other, or that their place breaks apart. */
function brokenWords(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const labels = [...document.querySelectorAll<HTMLElement>('.destination > span:not(.count), .topbar .button, .brand__name')];
    const boxes = labels.map((label) => ({ text: label.textContent ?? '', box: label.getBoundingClientRect() }));
    const line = 28;
    const broken = boxes.filter(({ text, box }) => !text.includes(' ') && box.height > 2 * line);
    const touching = boxes.filter(({ box }, at) => {
      const before = boxes[at - 1]?.box;
      return before && Math.abs(before.top - box.top) < 1 && box.left < before.right + 2;
    });
    return [...broken, ...touching].map(({ text }) => text);
  });
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

test('with letters twice as large nothing is out of reach on a phone', async ({ server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.post('A word of more than a few letters: unbelievable.');
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [...CHROMIUM_ARGS, '--blink-settings=defaultFontSize=32'],
  });
  try {
    const page = await browser.newPage({ baseURL: server.url, viewport: { width: 390, height: 844 } });
    await page.goto('/login');
    await signIn(page, 'bob');
    await expect(page).not.toHaveURL(/login/);
    for (const path of MEMBER_PAGES) {
      await page.goto(path);
      expect.soft(await excess(page), path).toBeLessThanOrEqual(0);
      const links = await page.locator('.frame__nav a:visible').all();
      for (const link of links) await expect.soft(link, path).toBeInViewport({ ratio: 1 });
    }
  } finally {
    await browser.close();
  }
});

for (const locale of OTHER_LOCALES) {
  for (const width of [320, 390, 1280]) {
    test(`no page is wider than its window of ${width}, ${locale}`, async ({ visit, member, server }) => {
      const window = { locale, viewport: { width, height: 800 } };
      const post = await (await Person.signUp(server, 'bob')).publish('Une nuit en train', 'Bonjour !');
      const guest = await visit(window);
      for (const path of [...MAIN_PUBLIC_PAGES, post, '/u/bob']) {
        await guest.goto(path);
        expect.soft(await excess(guest), `${path}, signed out`).toBeLessThanOrEqual(0);
        expect.soft(await brokenWords(guest), `${path}, signed out`).toEqual([]);
      }
      const ada = await member('ada', window);
      for (const path of [...MAIN_MEMBER_PAGES, post, '/u/bob']) {
        await ada.goto(path);
        expect.soft(await excess(ada), `${path}, signed in`).toBeLessThanOrEqual(0);
        expect.soft(await brokenWords(ada), `${path}, signed in`).toEqual([]);
      }
    });
  }
}

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

test('a phone goes on from its navigation, and to the settings from the account menu', async ({ member }) => {
  const ada = await member('ada', { viewport, hasTouch: true });
  await ada.goto('/');
  const bar = ada.getByRole('navigation', { name: 'Main' });
  await expect(bar.getByRole('link', { name: 'Settings' })).toBeHidden();
  await bar.getByRole('link', { name: 'Explore' }).tap();
  await expect(ada.getByRole('heading', { name: 'Explore', level: 1 })).toBeVisible();
  await expect(bar.getByRole('link', { name: 'Explore' })).toHaveAttribute('aria-current', 'page');
  await ada.locator('summary[aria-label*="ada"]').tap();
  await ada.getByRole('link', { name: 'Settings' }).tap();
  await expect(ada).toHaveURL(/\/settings\/profile$/);
});

test('menus of the top bar stay on the screen', async ({ visit }) => {
  const guest = await visit({ viewport });
  await guest.goto('/');
  await guest.locator('summary').first().click();
  const menu = guest.locator('.menu__panel').first();
  await expect(menu).toBeInViewport({ ratio: 1 });
});
