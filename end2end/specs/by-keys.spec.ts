import { type Page, expect, test } from '../support/test';
import { tabTo } from '../support/pages';

async function type(page: Page, selector: string, words: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.type(words);
}

async function press(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.press('Enter');
}

async function publish(page: Page): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill('On kilns');
  await page.getByLabel('Text', { exact: true }).fill('Mind the gloves.');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'On kilns' })).toBeVisible();
}

for (const options of [{}, { javaScriptEnabled: false }]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`a post is written, found in the feed, liked and answered with nothing but keys, ${how} script`, async ({ member }) => {
    test.setTimeout(120_000); // some two hundred keys, each of which is waited for
    const [ada, bob] = [await member('ada', options), await member('bob', options)];
    await ada.goto('/');
    await press(ada, 'main a[href="/posts/new"]');
    await expect(ada).toHaveURL(/\/posts\/new$/);
    await type(ada, '#title', 'On kilns');
    await type(ada, '#post-text', 'Mind the gloves.');
    await type(ada, '#tags', 'clay, fire');
    await tabTo(ada, '#visibility');
    await ada.keyboard.press('ArrowDown');
    await expect(ada.locator('#visibility')).toHaveValue('followers');
    await ada.keyboard.press('ArrowUp');
    await expect(ada.locator('#visibility')).toHaveValue('public');
    await press(ada, 'button[value=publish]');
    await expect(ada.getByRole('heading', { level: 1, name: 'On kilns' })).toBeVisible();
    await expect(ada.getByRole('link', { name: '#clay' })).toBeVisible();

    await bob.goto('/?tab=fresh');
    await press(bob, '.post-card [aria-label^="Like"]');
    const liked = bob.getByRole('button', { name: 'Like, 1', exact: true });
    await expect(liked).toHaveAttribute('aria-pressed', 'true');
    await press(bob, '.post-card__title a');
    await expect(bob).toHaveURL(/\/posts\/on-kilns$/);
    await type(bob, '#comment', 'I do');
    await press(bob, '#comments .answer button');
    await expect(bob.locator('.comment__text')).toHaveText(['I do']);
    await press(bob, '.comment__foot [aria-label="Reply to bob"]');
    await type(bob, '.comment details[open] textarea', 'always');
    await press(bob, '.comment details[open] .answer button');
    await expect(bob.locator('.comment .comment .comment__text')).toHaveText(['always']);
  });
}

test('the first stop of a page leads past its head, to what it is about', async ({ member }) => {
  const ada = await member('ada');
  for (const path of ['/', '/posts/new', '/notifications', '/settings/profile']) {
    await ada.goto(path);
    await ada.keyboard.press('Tab');
    await ada.keyboard.press('Enter');
    await ada.keyboard.press('Tab');
    expect(await ada.evaluate(() => Boolean(document.activeElement?.closest('main'))), path).toBe(true);
  }
});

test('a name that the keyboard only passes shows no card', async ({ member }) => {
  const bob = await member('bob');
  await publish(bob);
  const ada = await member('ada');
  const asked: string[] = [];
  ada.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await ada.clock.install();
  await ada.goto('/?tab=fresh');
  await ada.clock.pauseAt(Date.now() + 10_000);
  await tabTo(ada, '.post-card .byline__name');
  await ada.keyboard.press('Tab');
  await ada.clock.fastForward(2_000);
  // Whatever was asked for before this is in the list before it.
  await ada.evaluate(() => fetch('/healthz'));
  expect(asked).toContain('/healthz');
  expect(asked).not.toContain('/u/bob/card');
});
