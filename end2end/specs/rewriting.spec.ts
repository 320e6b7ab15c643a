import { type Page, REFUSED, expect, test } from '../support/test';

const NO_SCRIPT = { javaScriptEnabled: false };
const POST = '/posts/on-kilns';
const text = (page: Page) => page.getByLabel('Text', { exact: true });

async function publish(page: Page): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill('On kilns');
  await page.getByLabel('Text', { exact: true }).fill('Mind the *gloves*.');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`${POST}$`));
}

async function rewrite(page: Page, title: string, words: string): Promise<void> {
  await page.goto(POST);
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill(words);
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

async function say(page: Page, words: string): Promise<void> {
  await page.goto(POST);
  await page.getByLabel('Your comment').first().fill(words);
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(page.locator('.comment__text', { hasText: words })).toBeVisible();
}

/** What can be done with a comment of one's own. */
async function unfold(page: Page): Promise<void> {
  await page.locator('.comment summary', { hasText: 'More' }).first().click();
}

for (const options of [{}, NO_SCRIPT]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`a post that was changed says so and shows how it was, ${how} script`, async ({ member, visit }) => {
    const ada = await member('ada', options);
    const guest = await visit(options);
    await publish(ada);
    await guest.goto(POST);
    await expect(guest.getByRole('link', { name: 'edited' })).toHaveCount(0);
    await rewrite(ada, 'On hot kilns', 'Mind the *tongs*.');
    await rewrite(ada, 'On cold kilns', 'Mind *nothing*.');

    // Its address stays.
    await guest.goto(POST);
    await expect(guest.locator('#post em')).toHaveText('nothing');
    await guest.getByRole('link', { name: 'edited' }).click();
    await expect(guest.getByRole('heading', { level: 1, name: 'History of “On cold kilns”' })).toBeVisible();
    const versions = guest.locator('details.version');
    await expect(versions.locator('summary strong')).toHaveText(['As it is now', 'Version 2', 'Version 1']);
    await versions.nth(2).locator('summary').click();
    await expect(versions.nth(2).getByRole('heading', { name: 'On kilns' })).toBeVisible();
    await expect(versions.nth(2).getByText('Mind the *gloves*.')).toBeVisible();
    await expect(versions.nth(1)).toContainText('Mind the *tongs*.');
  });

  test(`a post that was deleted is gone for everybody, and comes back whole, ${how} script`, async ({ member, visit }) => {
    const ada = await member('ada', options);
    const guest = await visit(options);
    await publish(ada);
    await say(ada, 'First!');
    await ada.locator('#post summary', { hasText: 'Delete' }).click();
    await ada.locator('#post details[open]').getByRole('button', { name: 'Delete' }).click();
    await expect(ada.getByText('For thirty days you can have it back')).toBeVisible();
    for (const page of [ada, guest]) expect((await page.request.get(POST)).status()).toBe(404);
    await guest.goto('/u/ada');
    await expect(guest.getByText('Nothing posted yet')).toBeVisible();
    await expect(guest.getByRole('link', { name: '0 posts' })).toBeVisible();

    await ada.goto('/drafts');
    await ada.getByRole('listitem').filter({ hasText: 'On kilns' }).getByRole('button', { name: 'Put it back' }).click();
    await expect(ada.getByRole('heading', { level: 1, name: 'On kilns' })).toBeVisible();
    await guest.goto(POST);
    await expect(guest.getByRole('heading', { name: '1 comment' })).toBeVisible();
    await expect(guest.locator('.comment__text')).toHaveText(['First!']);
    await guest.goto('/u/ada');
    await expect(guest.getByRole('link', { name: '1 post' })).toBeVisible();
  });

  test(`a comment is changed and taken back, and what was answered stays, ${how} script`, async ({ member }) => {
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await publish(ada);
    await say(bob, 'Mind the glvoes');
    await unfold(bob);
    await bob.locator('details[open]').getByLabel('Your comment').fill('Mind the gloves');
    await bob.getByRole('button', { name: 'Save changes' }).click();
    await expect(bob.locator('.comment__text')).toHaveText(['Mind the gloves']);
    await expect(bob.locator('.comment__head')).toContainText('edited');

    await ada.goto(POST);
    await ada.getByLabel('Reply to bob').click();
    await ada.locator('details[open]').getByLabel('Your comment').fill('I do');
    await ada.getByRole('button', { name: 'Send reply' }).click();
    await expect(ada.locator('.comment .comment .comment__text')).toHaveText('I do');
    await expect(ada.getByRole('heading', { name: '2 comments' })).toBeVisible();

    await bob.goto(POST);
    await unfold(bob);
    await bob.locator('details[open]').getByRole('button', { name: 'Delete' }).click();
    await expect(bob.getByText('This comment was taken back.')).toBeVisible();
    await expect(bob.locator('.comment .comment .comment__text')).toHaveText('I do');
    await expect(bob.getByRole('heading', { name: '1 comment' })).toBeVisible();
  });
}

test('a draft that is open twice is not written over, and says so', async ({ member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const one = await member('ada');
  await one.goto('/posts/new');
  await text(one).fill('first');
  await expect(one.getByText('Draft saved')).toBeVisible();
  const two = await one.context().newPage();
  await two.goto(one.url());
  await text(one).fill('first, then more');
  await expect(one.getByText('Draft saved')).toBeVisible();
  await text(two).fill('second');
  await expect(two.getByText('Saved elsewhere meanwhile')).toBeVisible();
  await two.getByRole('button', { name: 'Save draft' }).click();
  await expect(two.getByRole('alert')).toContainText('saved elsewhere since you opened it');
  await expect(text(two)).toHaveValue('second');
  await two.getByRole('button', { name: 'Save draft' }).click();
  await expect(two).toHaveURL(/\/drafts$/);
});
