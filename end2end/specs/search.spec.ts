import AxeBuilder from '@axe-core/playwright';
import { REFUSED, expect, test } from '../support/test';
import type { Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function obstacles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

async function publish(page: Page, title: string, text: string): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

test('a post is found by its words, from any page with one key, and opens', async ({ member }) => {
  const ada = await member('ada');
  await publish(ada, 'Lighthouse keepers', 'They count ships and quarrel with gulls.');
  const bob = await member('bob');
  await bob.goto('/');
  await bob.keyboard.press('/');
  await expect(bob.getByRole('searchbox')).toBeFocused();
  await bob.keyboard.type('gulls qua');
  await bob.keyboard.press('Enter');
  await expect(bob).toHaveURL(/\/search\?q=gulls\+qua$/);
  await expect(bob.locator('.hit mark')).toHaveText(['quarrel', 'gulls']);
  await expect(bob.getByRole('searchbox')).toHaveValue('gulls qua');
  await bob.getByRole('link', { name: 'People', exact: true }).click();
  await expect(bob.getByText('Nothing found')).toBeVisible();
  await bob.getByRole('navigation', { name: 'What to show' }).getByRole('link', { name: 'Posts', exact: true }).click();
  await bob.getByRole('link', { name: 'Lighthouse keepers' }).click();
  await expect(bob).toHaveURL(/\/posts\/lighthouse-keepers$/);
});

test('a message is found and opens in its place', async ({ member }) => {
  const ada = await member('ada');
  await ada.goto('/chat/global');
  await expect(ada.locator('html[data-hydrated]')).toBeAttached();
  const box = ada.getByLabel('Message', { exact: true });
  for (const words of ['before it', 'the marzipan pangolin', 'after it']) {
    await box.fill(words);
    await box.press('Enter');
    await expect(ada.getByRole('log').getByText(words)).toBeVisible();
  }
  // It is followed from behind: until it is there, the search is asked again.
  const hit = ada.locator('.hit', { hasText: 'pangolin' });
  await expect(async () => {
    await ada.goto('/search?q=pangol&type=messages');
    await expect(hit).toHaveCount(1, { timeout: 500 });
  }).toPass();
  await hit.getByRole('link').click();
  await expect(ada).toHaveURL(/\/chat\/global\?at=\d+#m\d+$/);
  await expect(ada.getByRole('log').getByText('the marzipan pangolin')).toBeInViewport();
});

test('what cannot be asked is said beside the field, and stays there', async ({ member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const ada = await member('ada');
  const response = await ada.goto(`/search?q=${'x'.repeat(10_000)}`);
  expect(response?.status()).toBe(400);
  const field = ada.getByRole('searchbox');
  await expect(field).toHaveValue('x'.repeat(10_000));
  await expect(field).toHaveAccessibleDescription('A search has at most 200 characters.');
  await field.fill('tea before:soon');
  await field.press('Enter');
  await expect(ada.getByRole('searchbox')).toHaveValue('tea before:soon');
  await expect(ada.getByRole('alert')).toHaveText('before: and after: need a day, like 2026-01-31.');
});

test('search and what is going on need no script and put nothing in anybody\'s way', async ({ member, visit, complaints }) => {
  complaints.tolerate(...REFUSED);
  const ada = await member('ada');
  await publish(ada, 'Quiet engines', 'A word about steam. #engines');
  const plain = await visit({ javaScriptEnabled: false });
  await plain.goto('/explore');
  await expect(plain.getByRole('link', { name: '#engines' }).first()).toBeVisible();
  await plain.getByRole('searchbox').fill('steam');
  await plain.getByRole('searchbox').press('Enter');
  await expect(plain.locator('.hit mark')).toHaveText(['steam']);
  await plain.getByRole('link', { name: 'Quiet engines' }).click();
  await expect(plain.getByRole('heading', { level: 1, name: 'Quiet engines' })).toBeVisible();
  for (const path of ['/search', '/search?q=steam', '/search?q=nothing-like-it', '/search?q=has:x', '/explore']) {
    await ada.goto(path);
    expect(await obstacles(ada), path).toEqual([]);
  }
});
