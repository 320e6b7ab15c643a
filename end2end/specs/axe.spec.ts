import AxeBuilder from '@axe-core/playwright';
import { type Page, REFUSED, expect, test } from '../support/test';
import { Person } from '../support/api';
import { MEMBER_PAGES, NO_SUCH_PAGE, PUBLIC_PAGES } from '../support/site';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What would keep somebody from using the page, one line each. */
async function obstacles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on any page, ${colorScheme}`, async ({ visit, member, server, complaints }) => {
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
    for (const path of MEMBER_PAGES) {
      await ada.goto(path, { waitUntil: 'networkidle' });
      expect.soft(await obstacles(ada), `${path}, signed in`).toEqual([]);
    }
  });
}
