import { type Page, expect, test } from '../support/test';
import { Person } from '../support/api';

const STEP = 20;

/** Numbered comments, one more than a step has, and under the first one a chain of answers. */
async function talk(bob: Person, path: string, answers: string[]): Promise<void> {
  let parent = await bob.comment(path, '1');
  for (const words of answers) parent = await bob.comment(path, words, parent);
  for (let n = 2; n <= STEP + 1; n += 1) await bob.comment(path, String(n));
}

/** The comments that answer the post itself, from the top. */
function firsts(page: Page) {
  return page.locator('#comments > .comment-list > .comment > .comment__text');
}

async function sort(page: Page, order: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Sort comments' }).getByRole('link', { name: order }).click();
  await expect(page.getByRole('link', { name: order })).toHaveAttribute('aria-current', 'true');
}

for (const options of [{}, { javaScriptEnabled: false }]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`comments are sorted and come in steps, a long talk on a page of its own, ${how} script`, async ({ member, server }) => {
    const bob = await Person.signUp(server, 'bob');
    const path = await bob.publish('On kilns', 'Mind the gloves.');
    await talk(bob, path, ['a', 'b', 'c', 'd', 'e']);
    const ada = await member('ada', options);
    await ada.goto(path);
    await expect(ada.getByRole('heading', { name: '26 comments' })).toBeVisible();

    await sort(ada, 'Newest');
    await expect(firsts(ada)).toHaveText(Array.from({ length: STEP }, (_, n) => String(STEP + 1 - n)));
    const third = ada.locator('.comment').filter({ has: ada.getByText('3', { exact: true }) });
    await third.getByRole('button', { name: 'Like, 0', exact: true }).click();
    await expect(third.getByRole('button', { name: 'Like, 1', exact: true })).toHaveAttribute('aria-pressed', 'true');
    await sort(ada, 'Best');
    await expect(firsts(ada).first()).toHaveText('3');

    await sort(ada, 'Oldest');
    await expect(firsts(ada)).toHaveText(Array.from({ length: STEP }, (_, n) => String(n + 1)));
    await expect(ada.locator('.comment .comment .comment__text')).toHaveText(['a', 'b', 'c']);
    await ada.getByRole('link', { name: '1 more reply' }).click();
    await expect(ada.locator('.comment__text')).toHaveText(['c', 'd', 'e']);
    await ada.getByLabel('Reply to bob').last().click();
    await ada.locator('details[open]').getByLabel('Your comment').fill('f');
    await ada.getByRole('button', { name: 'Send reply' }).click();
    await expect(ada.locator('.comment__text')).toHaveText(['c', 'd', 'e', 'f']);

    await ada.getByRole('link', { name: 'All comments' }).click();
    await expect(ada.getByRole('heading', { name: '27 comments' })).toBeVisible();
    await sort(ada, 'Oldest');
    await ada.getByRole('link', { name: 'Load more' }).click();
    await expect(firsts(ada)).toHaveText([String(STEP + 1)]);
  });
}
