import { type Page, expect, test } from '../support/test';
import { Person } from '../support/api';
import { signIn } from '../support/pages';

const NO_SCRIPT = { javaScriptEnabled: false };
const POST = '/posts/on-kilns';

async function write(page: Page, title: string): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill('Some words.');
}

async function publish(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.locator('#post')).toBeVisible();
}

async function likeOf(page: Page): Promise<void> {
  await page.goto(POST);
  await page.locator('#post').getByRole('button', { name: /^Like/ }).click();
  await expect(page.locator('#post').getByRole('button', { name: /^Like/ })).toHaveAttribute('aria-pressed', 'true');
}

for (const options of [{}, NO_SCRIPT]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`who is muted is out of the way until heard again, and never told, ${how} script`, async ({ member }) => {
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await write(ada, 'On kilns');
    await publish(ada);
    await write(bob, 'On noise');
    await publish(bob);
    await ada.goto('/u/bob');
    await ada.getByRole('main').locator('summary[aria-label^="What to do"]').click();
    await ada.getByRole('button', { name: 'Mute', exact: true }).click();
    await expect(ada.getByText('Muted', { exact: true })).toBeVisible();
    for (const path of ['/', '/?tab=fresh', '/explore']) {
      await ada.goto(path);
      await expect(ada.getByRole('link', { name: 'On noise' }), path).toHaveCount(0);
    }
    await likeOf(bob);
    await ada.goto('/notifications');
    await expect(ada.getByRole('main')).not.toContainText('bob');

    await ada.goto('/settings/privacy');
    await ada.getByRole('button', { name: 'Stop muting bob' }).click();
    await expect(ada.getByText('You have muted nobody.')).toBeVisible();
    await ada.goto('/?tab=fresh');
    await expect(ada.getByRole('link', { name: 'On noise' })).toBeVisible();
  });

  test(`what is for followers is read by followers, ${how} script`, async ({ member, visit }) => {
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await write(ada, 'On kilns');
    await ada.getByLabel('Who can read it').selectOption('My followers');
    await publish(ada);
    const guest = await visit(options);
    for (const page of [bob, guest]) {
      expect((await page.request.get(POST)).status()).toBe(404);
      await page.goto('/u/ada');
      await expect(page.getByRole('link', { name: 'On kilns' })).toHaveCount(0);
    }
    await bob.goto('/u/ada');
    await bob.getByRole('button', { name: 'Follow ada' }).click();
    await expect(bob.getByRole('button', { name: /^Following ada/ })).toBeVisible();
    await bob.goto('/?tab=following');
    await bob.getByRole('link', { name: 'On kilns' }).click();
    await expect(bob.locator('#post').getByText('Followers only')).toBeVisible();
    expect((await guest.request.get(POST)).status()).toBe(404);
  });

  test(`what one has liked is for one's own eyes, ${how} script`, async ({ member, server }) => {
    const ada = await Person.signUp(server, 'ada');
    await ada.publish('On kilns', 'Mind the gloves.');
    const [bob, cyd] = [await member('bob', options), await member('cyd', options)];
    await likeOf(bob);
    await bob.goto('/u/bob');
    await bob.getByRole('link', { name: 'Likes', exact: true }).click();
    await expect(bob.getByRole('link', { name: 'On kilns' })).toBeVisible();
    await cyd.goto('/u/bob?tab=likes');
    await expect(cyd.getByRole('heading', { level: 1, name: 'bob' })).toBeVisible();
    await expect(cyd.getByRole('link', { name: 'Likes', exact: true })).toHaveCount(0);
    await expect(cyd.getByRole('link', { name: 'On kilns' })).toHaveCount(0);
  });
}

test('the link of a post is copied whole', async ({ server, visit }) => {
  const author = await Person.signUp(server, 'ada');
  const path = await author.publish('On kilns', 'Mind the gloves.');
  const ada = await visit({ permissions: ['clipboard-read', 'clipboard-write'] });
  await signIn(ada, 'ada');
  await ada.goto(path);
  await ada.getByRole('button', { name: 'Copy link' }).click();
  await expect(ada.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await ada.evaluate(() => navigator.clipboard.readText())).toBe(`${server.url}${path}`);
});
