import { type Page, REFUSED, expect, test } from '../support/test';
import { Person } from '../support/api';
import { MAIN_MEMBER_PAGES, MAIN_PUBLIC_PAGES, MEMBER_PAGES, NO_SUCH_PAGE, OTHER_LOCALES, PUBLIC_PAGES } from '../support/site';

// That no page writes an error to the console is the `complaints` fixture's, in every test.

async function expectSoundPage(page: Page, path: string): Promise<void> {
  const response = await page.goto(path, { waitUntil: 'networkidle' });
  const headers = response?.headers() ?? {};
  const policy = headers['content-security-policy'] ?? '';
  expect(policy, `${path} has a policy`).toMatch(/script-src[^;]*'nonce-/);
  expect(policy, `${path} lets inline script in`).not.toMatch(/script-src[^;]*'unsafe-inline'/);
  expect(policy, `${path} can be framed`).toContain("frame-ancestors 'none'");
  expect(headers['x-content-type-options']).toBe('nosniff');
  await expect(page).toHaveTitle(/\S/);
  await expect(page.locator('html')).toHaveAttribute('lang', /\S/);
  await expect(page.locator('h1')).toHaveCount(1);
}

test('every page loads without an error, signed out', async ({ visit, server }) => {
  await (await Person.signUp(server, 'bob')).post('hello');
  const page = await visit();
  const titles = new Set<string>();
  for (const path of PUBLIC_PAGES) {
    await expectSoundPage(page, path);
    titles.add(await page.title());
  }
  expect(titles.size, 'every page has a title of its own').toBe(PUBLIC_PAGES.length);
});

test('every page loads without an error, signed in', async ({ member, server }) => {
  await (await Person.signUp(server, 'bob')).post('hello');
  const page = await member('ada');
  for (const path of MEMBER_PAGES) await expectSoundPage(page, path);
});

for (const locale of OTHER_LOCALES) {
  test(`the main pages load without an error, ${locale}`, async ({ visit, member, server }) => {
    const bob = await Person.signUp(server, 'bob');
    await bob.post('Bonjour');
    const post = await bob.publish('Une nuit en train', 'Bonjour !');
    const guest = await visit({ locale });
    for (const path of [...MAIN_PUBLIC_PAGES, post, '/u/bob']) await expectSoundPage(guest, path);
    await expect(guest.locator('html')).toHaveAttribute('lang', locale.slice(0, 2));
    const ada = await member('ada', { locale });
    for (const path of [...MAIN_MEMBER_PAGES, post, '/u/bob']) await expectSoundPage(ada, path);
    await ada.goto('/chat/global');
    await expect(ada.locator('html[data-hydrated]')).toBeAttached();
    await expect(ada.locator('html')).toHaveAttribute('lang', locale.slice(0, 2));
  });
}

test('a page that is not there says so, and how to go on', async ({ visit, complaints }) => {
  complaints.tolerate(...REFUSED);
  const page = await visit();
  await expectSoundPage(page, NO_SUCH_PAGE);
  const response = await page.reload();
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('link').first()).toBeVisible();
});

test('nothing is fetched from anybody else', async ({ visit, server }) => {
  const page = await visit();
  const foreign: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== server.url) foreign.push(request.url());
  });
  for (const path of PUBLIC_PAGES) await page.goto(path, { waitUntil: 'networkidle' });
  expect(foreign).toEqual([]);
});
