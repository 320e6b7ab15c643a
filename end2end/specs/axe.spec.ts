import AxeBuilder from '@axe-core/playwright';
import { type Page, REFUSED, expect, test } from '../support/test';
import { Person } from '../support/api';
import { send, stored } from '../support/pages';
import { MAIN_MEMBER_PAGES, MAIN_PUBLIC_PAGES, MEMBER_PAGES, NO_SUCH_PAGE, OTHER_LOCALES, PUBLIC_PAGES } from '../support/site';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What would keep somebody from using the page, one line each. */
async function obstacles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

/** A conversation with a message in it that has a reaction; its path. */
async function startTalk(page: Page, name: string): Promise<string> {
  await page.goto(`/chat/new?q=${name}`);
  await page.getByRole('button', { name: `Write to ${name}` }).click();
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await send(page, 'hello');
  await stored(page, 'hello').hover();
  await page.getByRole('link', { name: /What to do/ }).click();
  expect.soft(await obstacles(page), 'the menu of a message').toEqual([]);
  await page.getByRole('button', { name: 'React with 👍' }).click();
  await page.getByRole('link', { name: 'Details' }).focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  expect.soft(await obstacles(page), 'the sheet of keys').toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '👍, 1 person' })).toBeVisible();
  return new URL(page.url()).pathname;
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on any page, ${colorScheme}`, async ({ visit, member, server, complaints }) => {
    // Every page there is, each examined whole.
    test.setTimeout(120_000);
    complaints.tolerate(...REFUSED);
    const bob = await Person.signUp(server, 'bob');
    await bob.postAll(['Good morning', 'A link? https://example.org', '🎉']);

    // Reduced motion: a page is looked at when it stands, not while it fades in.
    const options = { colorScheme, reducedMotion: 'reduce' } as const;
    const guest = await visit(options);
    for (const path of [...PUBLIC_PAGES, NO_SUCH_PAGE]) {
      await guest.goto(path, { waitUntil: 'networkidle' });
      expect.soft(await obstacles(guest), `${path}, signed out`).toEqual([]);
    }

    const ada = await member('ada', options);
    const talk = await startTalk(ada, 'bob');
    for (const path of [...MEMBER_PAGES, talk, `${talk}/details`]) {
      await ada.goto(path, { waitUntil: 'networkidle' });
      expect.soft(await obstacles(ada), `${path}, signed in`).toEqual([]);
    }
  });
}

for (const locale of OTHER_LOCALES) {
  for (const width of [390, 1280]) {
    test(`axe finds nothing serious on the main pages, ${locale}, ${width}`, async ({ visit, member, server }) => {
      test.setTimeout(120_000);
      const post = await (await Person.signUp(server, 'bob')).publish('Une nuit en train', 'Bonjour !');
      const options = { locale, viewport: { width, height: 800 }, reducedMotion: 'reduce' } as const;
      const guest = await visit(options);
      for (const path of [...MAIN_PUBLIC_PAGES, post, '/u/bob']) {
        await guest.goto(path, { waitUntil: 'networkidle' });
        expect.soft(await obstacles(guest), `${path}, signed out`).toEqual([]);
      }
      const ada = await member('ada', options);
      for (const path of [...MAIN_MEMBER_PAGES, post, '/u/bob']) {
        await ada.goto(path, { waitUntil: 'networkidle' });
        expect.soft(await obstacles(ada), `${path}, signed in`).toEqual([]);
      }
    });
  }
}
