import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '../support/test';
import { messageBox, send, stored } from '../support/pages';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function expectNoObstacle(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect.soft(serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)), what).toEqual([]);
}

async function make(page: Page, name: string, isPrivate = false): Promise<void> {
  await page.goto('/communities');
  await page.getByRole('link', { name: 'New community' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('About', { exact: true }).fill('For everybody who likes it.');
  await page.getByLabel('Rules', { exact: true }).fill('Be kind.\nStay on topic.');
  if (isPrivate) await page.getByRole('checkbox', { name: 'Private' }).check();
  await page.getByRole('button', { name: 'Make the community' }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with script' : 'without script';

  test(`${how}: a community is made, asked to be joined, talked in and left`, async ({ member }) => {
    const options = { javaScriptEnabled };
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await make(ada, 'Tea & Co', true);

    await bob.goto('/communities');
    await bob.getByRole('button', { name: 'Ask to join Tea & Co' }).click();
    await expect(bob.getByText('Requested').first()).toBeVisible();
    await bob.goto('/c/tea-co');
    await expect(bob.getByText('A moderator will answer')).toBeVisible();
    await expect(bob.getByText('Be kind.')).toHaveCount(0);

    await ada.goto('/notifications');
    await ada.getByRole('link', { name: 'bob asks to join Tea & Co' }).click();
    await ada.getByRole('button', { name: 'Accept bob' }).click();
    await expect(ada.getByText('Nobody waits to be let in.')).toBeVisible();
    await ada.goto('/notifications');
    await ada.getByRole('button', { name: 'Mark all as read' }).click();
    await expect(ada.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);

    await bob.goto('/c/tea-co');
    await expect(bob.getByText('Be kind.')).toBeVisible();
    await bob.getByRole('button', { name: 'Enter the room' }).click();
    await expect(bob.getByRole('heading', { name: 'Tea & Co' }).first()).toBeVisible();
    if (javaScriptEnabled) await expect(bob.locator('html[data-hydrated]')).toBeAttached();
    await send(bob, 'Is the water hot?');
    await expect(stored(bob, 'Is the water hot?')).toBeVisible();
    const room = bob.url();

    await bob.goto('/c/tea-co');
    await bob.getByRole('button', { name: 'Leave Tea & Co' }).click();
    await expect(bob.getByRole('button', { name: 'Ask to join Tea & Co' })).toBeVisible();
    const answer = await bob.request.get(room);
    expect(answer.status()).toBe(404);
  });
}

test('an invitation lets somebody into a private community', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await make(ada, 'Quiet', true);
  await ada.getByRole('link', { name: 'Manage', exact: true }).click();
  await ada.getByRole('button', { name: 'Make a link' }).click();
  const link = await ada.getByLabel('Link of the invitation').inputValue();
  await bob.goto(new URL(link).pathname);
  await expectNoObstacle(bob, 'the invitation');
  await bob.getByRole('button', { name: 'Join Quiet' }).click();
  await expect(bob.getByRole('button', { name: 'Enter the room' })).toBeVisible();
});

test('who is put out of a community is out of its room while they look', async ({ member, complaints }) => {
  complaints.tolerate(/status of 404/);
  const [ada, bob] = [await member('ada'), await member('bob')];
  await make(ada, 'Tea');
  await bob.goto('/c/tea');
  await bob.getByRole('button', { name: 'Join Tea' }).click();
  await bob.getByRole('button', { name: 'Enter the room' }).click();
  await expect(bob.locator('html[data-hydrated]')).toBeAttached();
  await expect(messageBox(bob)).toBeVisible();
  await ada.goto('/c/tea/members');
  await ada.getByLabel('What to do with bob').click();
  await ada.getByRole('button', { name: 'Remove bob' }).click();
  await expect(ada.getByRole('main').getByText('bob')).toHaveCount(0);
  await expect(messageBox(bob)).toHaveCount(0);
});

test('what happened is counted in the navigation while a room is open', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await make(ada, 'Quiet', true);
  await ada.goto('/chat/global');
  await expect(ada.locator('html[data-hydrated]')).toBeAttached();
  await expect(ada.locator('[data-news]')).toBeHidden();
  await bob.goto('/c/quiet');
  await bob.getByRole('button', { name: 'Ask to join Quiet' }).click();
  await expect(ada.locator('[data-news]')).toHaveText('1');
  await expect(ada.locator('[data-news]')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious on pages of communities, ${colorScheme}`, async ({ member }) => {
    const options = { colorScheme, reducedMotion: 'reduce' } as const;
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await make(ada, 'Tea', true);
    await bob.goto('/c/tea');
    await expectNoObstacle(bob, 'of a stranger');
    await bob.getByRole('button', { name: 'Ask to join Tea' }).click();
    await expect(bob.getByRole('button', { name: 'Take the request back' })).toBeVisible();
    for (const path of ['/communities', '/communities/new', '/c/tea', '/c/tea/members', '/c/tea/manage', '/notifications', '/settings/notifications']) {
      await ada.goto(path);
      await expectNoObstacle(ada, path);
    }
  });
}
