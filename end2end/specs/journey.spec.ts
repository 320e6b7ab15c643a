import { type Page, expect, test } from '../support/test';
import { Person } from '../support/api';
import { send, signIn, stored } from '../support/pages';

const NO_SCRIPT = { javaScriptEnabled: false };
const DAY_MS = 86_400_000;

const TITLE = 'Lighthouse keepers';
const POST = '/posts/lighthouse-keepers';
const WORDS = 'They count ships and quarrel with gulls.';
const INSIDE = 'The second pot';

async function fill(page: Page, title: string, words: string): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill(words);
}

async function publish(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
}

async function search(page: Page, words: string): Promise<void> {
  await page.goto('/search');
  await page.getByRole('searchbox').fill(words);
  await page.getByRole('searchbox').press('Enter');
}

async function openDraft(page: Page): Promise<void> {
  await page.goto('/drafts');
  await page.getByRole('main').getByRole('link', { name: TITLE }).click();
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(WORDS);
}

/** A draft saves itself; without script a button does it. */
async function begin(page: Page, isPlain: boolean): Promise<void> {
  await fill(page, TITLE, WORDS);
  if (isPlain) await page.getByRole('button', { name: 'Save draft' }).click();
  else await expect(page.getByText('Draft saved')).toBeVisible();
  await openDraft(page);
}

/** For midnight of UTC after tomorrow, as a clock says it that is so many minutes ahead of UTC. */
async function schedule(page: Page, minutesAhead: number): Promise<void> {
  const at = Math.ceil(Date.now() / DAY_MS) * DAY_MS + DAY_MS;
  const local = new Date(at + minutesAhead * 60_000).toISOString();
  await page.getByLabel('Publish later').fill(local.slice(0, 16));
  await publish(page);
  const row = page.getByRole('listitem').filter({ hasText: TITLE });
  await expect(row).toContainText('Will be published');
  await expect(row.locator('time')).toHaveAttribute('datetime', new RegExp(`^${new Date(at).toISOString().slice(0, 19)}`));
}

/** Nothing of Ada's that `reader` could come upon. */
async function expectNoTrace(reader: Page): Promise<void> {
  for (const path of ['/', '/?tab=fresh', '/?tab=following', '/?tab=saved']) {
    await reader.goto(path);
    await expect(reader.getByRole('link', { name: TITLE }), path).toHaveCount(0);
  }
  expect((await reader.request.get(POST)).status()).toBe(404);
  await search(reader, 'gulls qua');
  await expect(reader.getByText('Nothing found for “gulls qua”')).toBeVisible();
}

/** A number is told to a page that is open; without script the next page says it. */
async function expectNews(page: Page, count: number, isPlain: boolean): Promise<void> {
  if (isPlain) await page.goto('/');
  await expect(page.locator('[data-news]')).toHaveText(String(count));
}

/** Nothing is new there, and with script the page hears what comes. */
async function listen(page: Page, isPlain: boolean): Promise<void> {
  await page.goto('/notifications');
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(page.getByRole('button', { name: 'Mark all as read' })).toHaveCount(0);
  await page.goto('/chat/global');
  if (!isPlain) await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await expect(page.locator('[data-news]')).toBeHidden();
}

async function likeAndSave(page: Page): Promise<void> {
  await page.goto('/?tab=fresh');
  await page.getByRole('main').getByRole('link', { name: TITLE }).click();
  const post = page.locator('#post');
  await post.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(post.getByRole('button', { name: 'Save', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await post.getByRole('button', { name: 'Like, 0', exact: true }).click();
  await expect(post.getByRole('button', { name: 'Like, 1', exact: true })).toHaveAttribute('aria-pressed', 'true');
}

async function comment(page: Page, words: string): Promise<void> {
  await page.getByLabel('Your comment').first().fill(words);
  await page.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(page.locator('.comment__text', { hasText: words })).toBeVisible();
  await expect(page.getByRole('heading', { name: '1 comment' })).toBeVisible();
}

async function follow(page: Page): Promise<void> {
  await page.goto('/u/ada');
  await page.getByRole('button', { name: 'Follow ada' }).click();
  await expect(page.getByRole('button', { name: /^Following ada/ })).toBeVisible();
  await expect(page.getByRole('link', { name: '1 follower' })).toBeVisible();
  await page.goto('/?tab=following');
  await expect(page.getByRole('link', { name: TITLE })).toBeVisible();
}

async function find(page: Page): Promise<void> {
  await search(page, 'gulls qua');
  await expect(page.locator('.hit mark')).toHaveText(['quarrel', 'gulls']);
  await page.getByRole('link', { name: TITLE }).click();
  await expect(page).toHaveURL(new RegExp(`${POST}$`));
}

/** A private community with a post that only its members may read. The path of the post. */
async function makePrivate(page: Page): Promise<string> {
  await page.goto('/communities/new');
  await page.getByLabel('Name', { exact: true }).fill('Tea & Co');
  await page.getByRole('checkbox', { name: 'Private' }).check();
  await page.getByRole('button', { name: 'Make the community' }).click();
  await expect(page.getByRole('heading', { name: 'Tea & Co', level: 1 })).toBeVisible();
  await fill(page, INSIDE, 'It is better than the first.');
  await page.getByRole('combobox', { name: 'Community', exact: true }).selectOption('Tea & Co');
  await page.getByLabel('Who can read it').selectOption('Members of the community');
  await publish(page);
  await expect(page.getByRole('heading', { level: 1, name: INSIDE })).toBeVisible();
  return new URL(page.url()).pathname;
}

async function askToJoin(page: Page, inside: string): Promise<void> {
  expect((await page.request.get(inside)).status()).toBe(404);
  await page.goto('/c/tea-co');
  await expect(page.getByText('Posts and members are for members only.')).toBeVisible();
  await expect(page.getByRole('link', { name: INSIDE })).toHaveCount(0);
  await page.getByRole('button', { name: 'Ask to join Tea & Co' }).click();
  await expect(page.getByRole('button', { name: 'Take the request back' })).toBeVisible();
}

/** From the list of what happened, where everything stands that Bob has done. */
async function letIn(page: Page): Promise<void> {
  await page.goto('/notifications');
  for (const told of [`bob liked “${TITLE}”`, `bob commented on “${TITLE}”`, 'bob follows you']) {
    await expect(page.getByRole('link', { name: told })).toBeVisible();
  }
  await page.getByRole('link', { name: 'bob asks to join Tea & Co' }).click();
  await page.getByRole('button', { name: 'Accept bob' }).click();
  await expect(page.getByText('Nobody waits to be let in.')).toBeVisible();
}

async function seeInside(page: Page): Promise<void> {
  await page.goto('/notifications');
  await page.getByRole('link', { name: 'ada let you into Tea & Co' }).click();
  await page.getByRole('link', { name: INSIDE }).click();
  await expect(page.getByRole('heading', { level: 1, name: INSIDE })).toBeVisible();
}

async function enterRoom(page: Page, isPlain: boolean): Promise<void> {
  await page.goto('/c/tea-co');
  await page.getByRole('button', { name: 'Enter the room' }).click();
  await expect(page.getByRole('heading', { name: 'Tea & Co' }).first()).toBeVisible();
  if (!isPlain) await expect(page.locator('html[data-hydrated]')).toBeAttached();
}

async function block(page: Page): Promise<void> {
  await page.goto('/u/bob');
  await page.getByRole('main').locator('summary[aria-label^="What to do"]').click();
  await page.getByRole('button', { name: 'Block' }).click();
  await expect(page.getByText('Neither of you can find the other', { exact: false })).toBeVisible();
}

/** Bob is out of Ada's sight. */
async function expectBobGone(ada: Page): Promise<void> {
  await ada.goto(POST);
  await expect(ada.locator('#comments')).not.toContainText('Well said');
  await ada.goto('/notifications');
  await expect(ada.getByRole('main')).toContainText('First post');
  await expect(ada.getByRole('main')).not.toContainText('bob');
  await ada.goto('/u/ada/followers');
  await expect(ada.getByText('Nobody follows ada yet')).toBeVisible();
}

/** Ada is out of Bob's sight, although he is still in her community. */
async function expectAdaGone(bob: Page, inside: string): Promise<void> {
  await expectNoTrace(bob);
  for (const path of ['/u/ada', '/u/ada/followers', inside]) {
    expect((await bob.request.get(path)).status(), path).toBe(404);
  }
  for (const path of ['/c/tea-co', '/c/tea-co/members', '/notifications', '/search?q=ada&type=people', '/explore']) {
    await bob.goto(path);
    await expect(bob.getByRole('main').getByRole('link', { name: /ada/ }), path).toHaveCount(0);
    await expect(bob.getByRole('link', { name: INSIDE }), path).toHaveCount(0);
  }
  await bob.goto('/u/bob/following');
  await expect(bob.getByText('bob follows nobody yet')).toBeVisible();
  for (const [tab, words] of [['replies', 'Nothing answered yet'], ['likes', 'Nothing liked yet']]) {
    await bob.goto(`/u/bob?tab=${tab}`);
    await expect(bob.getByText(words as string)).toBeVisible();
    await expect(bob.getByRole('link', { name: '0 following' })).toBeVisible();
  }
}

/** Whoever else comes finds what both of them wrote, and as many of each as is said. */
async function expectCountsAgree(guest: Page): Promise<void> {
  await guest.goto(POST);
  await expect(guest.locator('#post').getByRole('button', { name: 'Like, 1', exact: true })).toBeVisible();
  await expect(guest.getByRole('heading', { name: '1 comment' })).toBeVisible();
  await expect(guest.locator('.comment__text')).toHaveText(['Well said']);
  await guest.goto('/u/ada');
  await expect(guest.getByRole('link', { name: '0 followers' })).toBeVisible();
  await guest.goto('/c/tea-co');
  await expect(guest.getByText('2 members')).toBeVisible();
}

for (const options of [{}, NO_SCRIPT]) {
  const isPlain = 'javaScriptEnabled' in options;

  test(`from a draft to a block, ${isPlain ? 'without' : 'with'} script`, async ({ member, visit }) => {
    test.setTimeout(180_000);
    const ada = await member('ada', { ...options, timezoneId: 'Asia/Kathmandu' });
    const bob = await member('bob', options);
    await begin(ada, isPlain);
    await schedule(ada, isPlain ? 0 : 345);
    await expectNoTrace(bob);
    await openDraft(ada);
    await ada.getByLabel('Publish later').fill('');
    await publish(ada);
    await expect(ada).toHaveURL(new RegExp(`${POST}$`));

    const other = await visit(options);
    await signIn(other, 'ada');
    await listen(other, isPlain);
    await likeAndSave(bob);
    await expectNews(other, 1, isPlain);
    await comment(bob, 'Well said');
    await expectNews(other, 2, isPlain);
    await follow(bob);
    await expectNews(other, 3, isPlain);
    await find(bob);

    const inside = await makePrivate(ada);
    await askToJoin(bob, inside);
    await letIn(other);
    await seeInside(bob);
    for (const page of [ada, bob]) await enterRoom(page, isPlain);
    await send(bob, 'Is the water hot?');
    if (isPlain) await ada.reload();
    await expect(stored(ada, 'Is the water hot?')).toBeVisible();

    await block(ada);
    await expectBobGone(ada);
    await expectAdaGone(bob, inside);
    await expectCountsAgree(await visit(options));
  });
}

test('a post appears by itself when its hour comes, and whom it names hears of it', async ({ member, server }) => {
  const ada = await Person.signUp(server, 'ada');
  const bob = await member('bob');
  await bob.goto('/chat/global');
  await expect(bob.locator('html[data-hydrated]')).toBeAttached();
  const at = new Date(Date.now() + 4_000);
  await ada.schedule(TITLE, 'For @bob, who asked.', at);
  await expect(bob.locator('[data-news]')).toHaveText('1', { timeout: 30_000 });
  expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
  await bob.goto('/notifications');
  await bob.getByRole('link', { name: `ada mentioned you in “${TITLE}”` }).click();
  await expect(bob).toHaveURL(new RegExp(`${POST}$`));
  const published = await bob.locator('#post time').first().getAttribute('datetime');
  expect(Date.parse(published ?? '')).toBeGreaterThanOrEqual(at.getTime());
});

test('a post whose hour comes while nothing runs appears once something does', async ({ visit, server }) => {
  const ada = await Person.signUp(server, 'ada');
  const at = new Date(Date.now() + 2_000);
  await ada.schedule(TITLE, WORDS, at);
  await server.kill();
  await expect.poll(() => Date.now()).toBeGreaterThan(at.getTime());
  await server.start();
  const guest = await visit();
  await expect.poll(async () => (await guest.request.get(POST)).status(), { timeout: 30_000 }).toBe(200);
  await guest.goto('/u/ada');
  await expect(guest.getByRole('link', { name: TITLE })).toBeVisible();
});
