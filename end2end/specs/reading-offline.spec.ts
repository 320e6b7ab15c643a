import { CONNECTION_LOST, type Page, expect, test } from '../support/test';
import { send, signOut, signUp, stored } from '../support/pages';

// The network is cut by killing the server: whatever asks it, a page or the service worker, is refused.

const COPY = 'You are offline. This is a copy from';

/** Until the worker answers for this page. */
async function looksAfter(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
}

/** The paths of what is kept, oldest first. */
function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    if (!(await caches.has('pages'))) return [];
    const requests = await (await caches.open('pages')).keys();
    return requests.map(({ url }) => new URL(url).pathname);
  });
}

async function publish(page: Page, title: string): Promise<string> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill('Some *quiet* words.');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  return new URL(page.url()).pathname;
}

test('what was opened is read without a connection, and says so; what was not is the offline page', async ({ member, server, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await ada.goto('/');
  await looksAfter(ada);
  const post = await publish(ada, 'On silence');
  await ada.goto(post);
  await ada.goto('/settings/privacy');
  await expect.poll(() => kept(ada)).toContain(post);
  await server.kill();

  await ada.goto(post);
  await expect(ada.getByRole('heading', { level: 1, name: 'On silence' })).toBeVisible();
  await expect(ada.getByText(COPY)).toBeVisible();
  const copied = await ada.locator('#stale time').getAttribute('datetime');
  expect(Math.abs(Date.now() - Date.parse(copied ?? ''))).toBeLessThan(120_000);
  await expect(ada.locator('body')).toHaveCSS('margin', '0px'); // its styles are there, too

  await ada.goto('/u/nobody');
  await expect(ada.getByRole('heading', { name: 'You are offline' })).toBeVisible();
  await ada.getByRole('link', { name: /On silence/ }).click();
  await expect(ada.getByText(COPY)).toBeVisible();

  await server.start();
  await ada.goto(post);
  await expect(ada.getByRole('heading', { level: 1, name: 'On silence' })).toBeVisible();
  await expect(ada.getByText(COPY)).toBeHidden();
});

test('signing out leaves no copy behind', async ({ member, server, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await ada.goto('/');
  await looksAfter(ada);
  await ada.goto('/u/ada');
  await expect.poll(() => kept(ada)).toContain('/u/ada');
  await signOut(ada);
  await expect.poll(() => kept(ada)).toEqual([]);
  await server.kill();
  await ada.goto('/u/ada');
  await expect(ada.getByRole('heading', { name: 'You are offline' })).toBeVisible();
  await expect(ada.getByText('What you have opened before')).toBeHidden();
  await expect(ada.getByText('ada')).toHaveCount(0);
});

test('another account finds nothing of the one before', async ({ member }) => {
  const page = await member('ada');
  await page.goto('/');
  await looksAfter(page);
  await page.goto('/u/ada');
  await expect.poll(() => kept(page)).toContain('/u/ada');
  await page.context().clearCookies();
  await signUp(page, 'bob');
  await page.goto('/communities');
  await expect.poll(() => kept(page)).toEqual(['/communities']);
});

test('the chat, what is private and what is sent are left alone', async ({ member }) => {
  const ada = await member('ada');
  await ada.goto('/');
  await looksAfter(ada);
  await ada.goto('/chat/global');
  await expect(ada.locator('html[data-hydrated]')).toBeAttached();
  await send(ada, 'through the socket');
  await expect(stored(ada, 'through the socket')).toBeVisible();
  for (const path of ['/settings/account', '/notifications', '/drafts', '/posts/new']) await ada.goto(path);
  await ada.evaluate(() => fetch('/api/auth/user/'));
  await ada.goto('/u/ada');
  await expect.poll(() => kept(ada)).toContain('/u/ada');
  const all = await ada.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name !== 'reader');
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  const foreign = all.filter((path) => !/^\/(?:$|u\/|offline$|pkg\/[^/]+\.css$|[a-z-]+\.(?:js|svg)$|icons\/)/.test(path));
  expect(foreign).toEqual([]);
});

test('a newer worker takes over under an open page', async ({ member, server, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await ada.goto('/');
  await looksAfter(ada);
  await ada.goto('/u/ada');
  await expect.poll(() => kept(ada)).toContain('/u/ada');
  await ada.evaluate(async () => {
    const changed = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
    await navigator.serviceWorker.register('/sw.js?v=next');
    await changed;
  });
  expect(await ada.evaluate(() => caches.has('shell-next'))).toBe(true);
  await expect(ada.getByRole('heading', { name: 'ada' }).first()).toBeVisible();
  await server.kill();
  await ada.goto('/u/ada');
  await expect(ada.getByText(COPY)).toBeVisible();
});
