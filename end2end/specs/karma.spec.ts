import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '../support/test';

const NO_SCRIPT = { javaScriptEnabled: false };
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function write(page: Page, title: string): Promise<string> {
  await page.goto('/posts/new');
  await page.getByLabel('Title').fill(title);
  await page.locator('textarea[name=content]').fill('Some words.');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  return new URL(page.url()).pathname;
}

async function answer(page: Page, path: string, words: string): Promise<void> {
  await page.goto(path);
  await page.locator('#comment').fill(words);
  await page.locator('#comments').getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(page.locator('.comment__text').getByText(words)).toBeVisible();
}

for (const options of [{}, NO_SCRIPT]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`what somebody answered and achieved stands on their profile, ${how} script`, async ({ member }) => {
    const bob = await member('bob', options);
    const path = await write(bob, 'On kilns');
    await answer(bob, path, 'Mind the gloves.');
    const ada = await member('ada', options);
    await ada.goto('/u/bob');
    await ada.getByRole('link', { name: 'Replies', exact: true }).click();
    await expect(ada.getByText('Mind the gloves.')).toBeVisible();
    await ada.getByRole('link', { name: 'Look at it under “On kilns”' }).click();
    await expect(ada.getByText('Mind the gloves.')).toBeVisible();
    expect(new URL(ada.url()).pathname).toContain(`${path}/comments/`);

    await ada.goto('/u/bob?tab=about');
    await expect(ada.getByText('First post', { exact: true })).toBeVisible();
    await expect(ada.getByText('1 day in a row')).toBeVisible();
    await expect(ada.getByText('Rising star')).toHaveCount(0);
    await bob.goto('/settings/profile');
    await bob.getByRole('main').getByRole('link', { name: 'See them all' }).click();
    await expect(bob.getByText('Rising star', { exact: true })).toBeVisible();
    await expect(bob.getByText('1 of 10', { exact: true })).toBeVisible();
    await bob.goto('/notifications');
    await expect(bob.getByRole('link', { name: 'You have achieved something: “First post”' })).toBeVisible();
  });
}

test('a name shows its card to a mouse, and one follows from there', async ({ member }) => {
  const bob = await member('bob');
  await write(bob, 'On kilns');
  const ada = await member('ada');
  await ada.goto('/?tab=fresh');
  const name = ada.getByRole('main').getByRole('link', { name: 'bob', exact: true });
  const card = ada.getByRole('group', { name: 'bob in short' });
  await name.hover();
  await expect(card).toBeVisible();
  await card.getByRole('button', { name: 'Follow bob' }).click();
  await expect(card.getByRole('button', { name: /^Following bob/ })).toBeVisible();
  await expect(card.getByRole('link', { name: '1 follower' })).toBeVisible();
  await expect(ada).toHaveURL(/tab=fresh/);
  await ada.mouse.move(2, 2);
  await expect(card).toHaveCount(0);
});

test('a name shows its card to the keyboard, and Escape closes it', async ({ member }) => {
  const bob = await member('bob');
  await write(bob, 'On kilns');
  const ada = await member('ada');
  await ada.goto('/?tab=fresh');
  const name = ada.getByRole('main').getByRole('link', { name: 'bob', exact: true });
  const card = ada.getByRole('group', { name: 'bob in short' });
  await ada.getByRole('link', { name: 'Saved' }).focus();
  while (!(await name.evaluate((link) => link === document.activeElement))) await ada.keyboard.press('Tab');
  await expect(card).toBeVisible();
  await ada.keyboard.press('Tab');
  await expect(card.getByRole('button', { name: 'Follow bob' })).toBeFocused();
  await ada.keyboard.press('Enter');
  await expect(card.getByRole('button', { name: /^Following bob/ })).toBeFocused();
  await ada.keyboard.press('Escape');
  await expect(card).toHaveCount(0);
  await expect(name).toBeFocused();
});

test('a finger that touches a name goes to the profile', async ({ member }) => {
  const bob = await member('bob');
  await write(bob, 'On kilns');
  const ada = await member('ada', { hasTouch: true, viewport: { width: 390, height: 844 } });
  await ada.goto('/?tab=fresh');
  await ada.getByRole('main').getByRole('link', { name: 'bob', exact: true }).tap();
  await expect(ada).toHaveURL(/\/u\/bob$/);
});

test('a feed that stays open says what came since, and moves nothing', async ({ member }) => {
  const bob = await member('bob');
  await write(bob, 'Before');
  const ada = await member('ada');
  await ada.clock.install();
  await ada.goto('/?tab=fresh');
  const first = ada.locator('.post-card').first();
  const before = await first.boundingBox();
  for (const title of ['One', 'Two']) await write(bob, title);
  await expect(ada.getByRole('link', { name: /new posts?$/ })).toHaveCount(0);
  await ada.clock.fastForward(61_000);
  const bar = ada.getByRole('status').getByRole('link', { name: '2 new posts' });
  await expect(bar).toBeVisible();
  expect((await first.boundingBox())?.y).toBe(before?.y);
  const { violations } = await new AxeBuilder({ page: ada }).withTags(RULES).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await bar.click();
  await expect(ada.locator('.post-card').first()).toContainText('Two');
  await expect(bar).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`replies, achievements and cards are without obstacles in ${colorScheme}`, async ({ member }) => {
    const bob = await member('bob');
    await answer(bob, await write(bob, 'On kilns'), 'Mind the gloves.');
    const ada = await member('ada', { colorScheme, reducedMotion: 'reduce' });
    for (const path of ['/u/bob?tab=replies', '/u/bob?tab=about', '/u/ada?tab=about', '/communities', '/?tab=fresh']) {
      await ada.goto(path);
      if (path === '/?tab=fresh') {
        await ada.getByRole('main').getByRole('link', { name: 'bob', exact: true }).hover();
        await expect(ada.getByRole('group', { name: 'bob in short' })).toBeVisible();
      }
      const { violations } = await new AxeBuilder({ page: ada }).withTags(RULES).analyze();
      const obstacles = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      expect.soft(obstacles, path).toEqual([]);
    }
  });
}
