import { type Page, REFUSED, expect, test } from '../support/test';

const NO_SCRIPT = { javaScriptEnabled: false };

async function make(page: Page): Promise<void> {
  await page.goto('/communities/new');
  await page.getByLabel('Name', { exact: true }).fill('Tea');
  await page.getByRole('button', { name: 'Make the community' }).click();
  await expect(page.getByRole('heading', { name: 'Tea', level: 1 })).toBeVisible();
}

async function join(page: Page): Promise<void> {
  await page.goto('/c/tea');
  await page.getByRole('button', { name: 'Join Tea' }).click();
  await expect(page.getByRole('button', { name: 'Enter the room' })).toBeVisible();
}

async function write(page: Page, title: string): Promise<void> {
  await page.goto('/posts/new?community=tea');
  await expect(page.getByRole('combobox', { name: 'Community', exact: true })).toHaveValue('tea');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill('Some words.');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
}

async function publish(page: Page, title: string): Promise<void> {
  await write(page, title);
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

/** What stands on the page of the community, from the top. */
async function expectOrder(page: Page, titles: string[]): Promise<void> {
  await page.goto('/c/tea');
  await expect(page.locator('.post-card__title')).toHaveText(titles);
}

async function setPause(page: Page, pause: string): Promise<void> {
  await page.goto('/c/tea/manage');
  await page.getByLabel('Slow mode', { exact: true }).selectOption(pause);
  await page.locator('#settings').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
}

/** What was done, the newest first. */
async function expectActs(page: Page, acts: string[]): Promise<void> {
  await page.goto('/c/tea/manage');
  await expect(page.locator('.community-act > span:first-child')).toHaveText(acts);
}

for (const options of [{}, NO_SCRIPT]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`a post is pinned over newer ones, and let go, ${how} script`, async ({ member }) => {
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await make(ada);
    await join(bob);
    await publish(bob, 'The first pot');
    await publish(ada, 'The second pot');
    await expectOrder(bob, ['The second pot', 'The first pot']);
    await expect(bob.getByRole('button', { name: /^Pin/ })).toHaveCount(0);

    await ada.goto('/c/tea');
    await ada.getByRole('button', { name: 'Pin “The first pot”' }).click();
    await expect(ada.getByText('Pinned', { exact: true })).toBeVisible();
    await expectOrder(bob, ['The first pot', 'The second pot']);
    await expect(bob.getByRole('listitem').filter({ hasText: 'The first pot' })).toContainText('Pinned');
    await ada.getByRole('button', { name: 'Unpin “The first pot”' }).click();
    await expect(ada.getByText('Pinned', { exact: true })).toHaveCount(0);
    await expectOrder(bob, ['The second pot', 'The first pot']);
    await expectActs(ada, ['ada unpinned a post', 'ada pinned a post', 'ada made the community']);
  });

  test(`slow mode makes members wait, and keeps what they wrote, ${how} script`, async ({ member, complaints }) => {
    complaints.tolerate(...REFUSED);
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await make(ada);
    await setPause(ada, '1 hour');
    await join(bob);
    await publish(bob, 'The first pot');
    await write(bob, 'The second pot');
    await expect(bob.getByRole('alert')).toContainText(/wait/i);
    await expect(bob.getByLabel('Title', { exact: true })).toHaveValue('The second pot');
    await publish(ada, 'One');
    await publish(ada, 'Two');
    await setPause(ada, 'Off');
    await bob.getByRole('button', { name: 'Publish', exact: true }).click();
    await expect(bob.getByRole('heading', { level: 1, name: 'The second pot' })).toBeVisible();
  });

  test(`a moderator bans somebody, and the owner lifts it, ${how} script`, async ({ member }) => {
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    const cyd = await member('cyd', options);
    await make(ada);
    await join(bob);
    await join(cyd);
    await cyd.goto('/c/tea/members');
    await expect(cyd.getByLabel('What to do with bob')).toHaveCount(0);
    expect((await cyd.request.get('/c/tea/manage')).status()).toBe(404);
    await ada.goto('/c/tea/members');
    await ada.getByLabel('What to do with cyd').click();
    await ada.getByLabel('Role of cyd', { exact: true }).selectOption('Moderator');
    await ada.getByRole('button', { name: 'Save the role of cyd' }).click();
    await expect(ada.getByRole('listitem').filter({ hasText: 'cyd' }).locator('.tag')).toHaveText('Moderator');

    await cyd.goto('/c/tea/members');
    await expect(cyd.getByLabel('What to do with ada')).toHaveCount(0);
    await cyd.getByLabel('What to do with bob').click();
    await cyd.getByRole('button', { name: 'Ban bob' }).click();
    await expect(cyd.locator('#community-members').getByText('bob')).toHaveCount(0);
    await bob.goto('/c/tea');
    await expect(bob.getByText('You cannot join this community.')).toBeVisible();
    await expect(bob.getByRole('button', { name: 'Join Tea' })).toHaveCount(0);

    await expectActs(ada, ['cyd banned bob', 'ada made cyd Moderator', 'ada made the community']);
    await ada.getByRole('button', { name: 'Lift the ban on bob' }).click();
    await expect(ada.getByText('Nobody is banned.')).toBeVisible();
    await join(bob);
  });

  test(`who looks after a community takes out what does not belong there, ${how} script`, async ({ member }) => {
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await make(ada);
    await join(bob);
    await publish(ada, 'The first pot');
    const post = ada.url();
    await publish(bob, 'Something to sell');
    await bob.goto(post);
    await bob.getByLabel('Your comment').first().fill('Buy my pots');
    await bob.getByRole('button', { name: 'Comment', exact: true }).click();
    await expect(bob.locator('.comment__text', { hasText: 'Buy my pots' })).toBeVisible();
    await expectOrder(bob, ['Something to sell', 'The first pot']);
    await expect(bob.getByLabel(/^Take .* out of the community$/)).toHaveCount(0);

    await ada.goto('/c/tea');
    await ada.getByLabel('Take “Something to sell” out of the community').click();
    await ada.getByRole('button', { name: 'Take out', exact: true }).click();
    await expect(ada.getByText('Something to sell')).toHaveCount(0);
    await expectOrder(bob, ['The first pot']);
    await bob.goto('/u/bob');
    await expect(bob.getByRole('link', { name: 'Something to sell', exact: true })).toBeVisible();

    await ada.goto(post);
    const comment = ada.locator('.comment').filter({ hasText: 'Buy my pots' });
    await comment.locator('summary').filter({ hasText: 'More' }).click();
    await comment.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(ada.locator('.comment__text', { hasText: 'Buy my pots' })).toHaveCount(0);
    await expectActs(ada, ['ada deleted a comment of bob', 'ada took a post of bob out', 'ada made the community']);
  });
}
