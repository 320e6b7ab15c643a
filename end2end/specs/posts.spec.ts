import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '../support/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TEXT = '## A heading\n\nSome *quiet* words, `code` and #music.\n\n- one\n- two\n\n> quoted\n\n```js\nlet x = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |';

async function obstacles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

async function publish(page: Page, title: string, text = TEXT): Promise<string> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  return new URL(page.url()).pathname;
}

test('a post is written with its look beside it, saves itself, and is liked and answered without a new page', async ({ member }) => {
  const ada = await member('ada');
  await ada.goto('/posts/new');
  await ada.getByLabel('Title', { exact: true }).fill('On silence');
  await ada.getByLabel('Text', { exact: true }).pressSequentially('# Hello\n\n*there*');
  await expect(ada.locator('#preview em')).toHaveText('there');
  await expect(ada.getByText('Draft saved')).toBeVisible();
  await expect(ada).toHaveURL(/\/posts\/[0-9a-f-]+\/edit$/);
  await ada.reload();
  await expect(ada.getByLabel('Title', { exact: true })).toHaveValue('On silence');
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada).toHaveURL(/\/posts\/on-silence$/);

  const bob = await member('bob');
  await bob.goto('/posts/on-silence');
  await bob.evaluate(() => Object.assign(window, { same: true }));
  await bob.locator('#post').getByRole('button', { name: 'Like, 0', exact: true }).click();
  const liked = bob.locator('#post').getByRole('button', { name: 'Like, 1', exact: true });
  await expect(liked).toHaveAttribute('aria-pressed', 'true');
  await expect(liked).toBeFocused();
  await bob.getByLabel('Your comment').first().fill('Well said');
  await bob.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(bob.locator('.comment__text', { hasText: 'Well said' })).toBeVisible();
  await expect(bob.getByLabel('Your comment').first()).toHaveValue('');
  await bob.locator('summary', { hasText: 'Reply' }).click();
  await bob.locator('details[open]').getByLabel('Your comment').fill('To myself');
  await bob.getByRole('button', { name: 'Send reply' }).click();
  await expect(bob.locator('.comment .comment .comment__text', { hasText: 'To myself' })).toBeVisible();
  expect(await bob.evaluate(() => 'same' in window), 'it is still the same page').toBe(true);

  await bob.goto('/');
  const card = bob.getByRole('article').filter({ hasText: 'On silence' });
  await card.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(card.getByRole('button', { name: 'Save', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await bob.goto('/?tab=saved');
  await expect(bob.getByRole('article')).toHaveCount(1);
});

test('without script: a post is written, looked at, liked, answered and deleted', async ({ member }) => {
  const ada = await member('ada', { javaScriptEnabled: false });
  await ada.goto('/posts/new');
  await ada.getByLabel('Title', { exact: true }).fill('Plain');
  await ada.getByLabel('Text', { exact: true }).fill('*words*');
  await ada.getByRole('button', { name: 'Preview' }).click();
  await expect(ada.locator('#preview em')).toHaveText('words');
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada.getByRole('heading', { level: 1, name: 'Plain' })).toBeVisible();
  await ada.locator('#post').getByRole('button', { name: 'Like, 0', exact: true }).click();
  await expect(ada.locator('#post').getByRole('button', { name: 'Like, 1', exact: true })).toBeVisible();
  await ada.getByLabel('Your comment').first().fill('First!');
  await ada.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(ada.locator('.comment__text', { hasText: 'First!' })).toBeVisible();
  await ada.locator('#post summary', { hasText: 'Delete' }).click();
  await ada.locator('#post details[open]').getByRole('button', { name: 'Delete' }).click();
  await expect(ada.getByText('For thirty days you can have it back')).toBeVisible();
  await ada.getByRole('button', { name: 'Put it back' }).click();
  await expect(ada.getByRole('heading', { level: 1, name: 'Plain' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on the pages of posts, ${colorScheme}`, async ({ member, visit }) => {
    const options = { colorScheme, reducedMotion: 'reduce' } as const;
    const ada = await member('ada', options);
    const path = await publish(ada, 'A post of some length');
    await ada.getByLabel('Your comment').first().fill('Well said');
    await ada.getByRole('button', { name: 'Comment', exact: true }).click();
    await expect(ada.locator('.comment__text', { hasText: 'Well said' })).toBeVisible();
    for (const page of ['/', '/?tab=following', path, `${path}/edit`, `${path}/history`, '/posts/new', '/drafts', '/tags/music']) {
      await ada.goto(page);
      expect.soft(await obstacles(ada), page).toEqual([]);
    }
    const guest = await visit(options);
    await guest.goto(path);
    expect.soft(await obstacles(guest), 'signed out').toEqual([]);
  });
}
