import { type Page, expect, test } from '../support/test';
import { Person } from '../support/api';
import { acquaint, alive, list, writeTo } from '../support/conversations';
import { messageBox, openRoom, row, scroller, send, stored } from '../support/pages';
import { withoutSockets } from '../support/sockets';

const count = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`);

/** How often a page has taken its parts anew, from now on. */
function reloads(page: Page): () => number {
  let taken = 0;
  page.on('request', (request) => {
    if (request.url().includes('/chat/pane')) taken += 1;
  });
  return () => taken;
}

test('an address in the middle stays there; a pill leads to the newest', async ({ member, server }) => {
  test.setTimeout(120_000);
  const bob = await Person.signUp(server, 'bob');
  await bob.postAll(count(1, 430));
  const ada = await member('ada');
  await ada.goto('/chat/global?at=5#m5');
  await alive(ada);
  await expect(row(ada, 5)).toBeInViewport();
  const pill = ada.getByRole('link', { name: /jump to latest|new messages?/i });
  await expect(pill).toBeVisible();
  await expect(ada.locator('.presence-count').first()).toContainText(/\b1\b/);
  await bob.post('far below');
  await expect(pill).toHaveText(/1 new message/);
  await expect(row(ada, 5)).toBeInViewport();
  await expect(stored(ada, 'far below')).toHaveCount(0);

  // On the way down the next stretch joins, and what is read stays where it is.
  await (await scroller(ada)).evaluate((element) => (element.scrollTop = 0));
  await expect(row(ada, 400)).toBeAttached();
  await expect(row(ada, 200)).toBeInViewport();

  await ada.goto('/chat/global?at=5#m5');
  await alive(ada);
  await pill.click();
  await expect(stored(ada, 'far below')).toBeInViewport();
  await expect(row(ada, 5)).toHaveCount(0);
  await expect(pill).toBeHidden();
});

test('whoever writes in the middle sees it at the end', async ({ member, server }) => {
  test.setTimeout(120_000);
  const bob = await Person.signUp(server, 'bob');
  await bob.postAll(count(1, 230));
  const ada = await member('ada');
  await ada.goto('/chat/global?at=2#m2');
  await alive(ada);
  await send(ada, 'from the middle');
  await expect(stored(ada, 'from the middle')).toBeInViewport();
  await expect(row(ada, 230)).toBeAttached();
});

test('who comes and goes, and what changes in the global room, loads no list', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await bob.goto('/');
  const first = ada.waitForResponse(/chat\/pane/);
  await ada.goto('/chat');
  await expect(ada.locator('html[data-hydrated]')).toBeAttached();
  await first;
  const face = list(ada).getByRole('link', { name: /bob/ }).locator('.face__online');
  await expect(face).toBeHidden({ timeout: 20_000 });
  const taken = reloads(ada);
  await openRoom(bob);
  await expect(face).toBeVisible();
  await send(bob, 'for evrybody');
  await expect(stored(bob, 'for evrybody')).toBeVisible();
  await bob.keyboard.press('ArrowUp');
  await send(bob, 'for everybody');
  await expect(row(bob, 1)).toContainText('edited');
  await bob.goto('/');
  await expect(face).toBeHidden({ timeout: 20_000 });
  expect(taken()).toBe(0);
});

test('an open form stays open while the page is taken anew', async ({ member }) => {
  const [ada, bob, eve] = [await member('ada'), await member('bob'), await member('eve')];
  await acquaint(ada, bob, 'bob');
  await writeTo(eve, 'bob');
  await send(eve, 'a great offer');
  await expect(stored(eve, 'a great offer')).toBeVisible();
  await bob.goto('/chat/requests');
  await bob.getByRole('link', { name: 'Read what they wrote' }).click();
  await alive(bob);
  await bob.locator('summary', { hasText: 'Block and report' }).click();
  await bob.getByLabel('What is wrong?').selectOption('hate');
  const taken = bob.waitForResponse(/chat\/pane/);
  await send(ada, 'are you there?');
  await taken;
  await expect(list(bob).getByRole('link', { name: /ada/ })).toContainText('are you there?');
  await expect(bob.getByLabel('What is wrong?')).toBeVisible();
  await expect(bob.getByLabel('What is wrong?')).toHaveValue('hate');
});

test('leaving the page keeps the draft, and sending it untouched takes it away', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await messageBox(ada).fill('half a thou');
  await ada.goto('/chat');
  await expect(list(ada).getByRole('link', { name: /bob/ })).toContainText('Draft: half a thou');
  await list(ada).getByRole('link', { name: /bob/ }).click();
  await alive(ada);
  const cleared = ada.waitForResponse((response) => response.url().endsWith('/draft'));
  await ada.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(stored(bob, 'half a thou')).toBeVisible();
  await cleared;
  await ada.goto('/chat');
  await expect(list(ada).getByRole('link', { name: /bob/ })).not.toContainText('Draft');
});

test('reading is told now and then, and to its end; new words are said aloud once', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  const ada = await member('ada');
  const told: number[] = [];
  ada.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const frame = JSON.parse(String(payload)) as { type: string; up_to?: number };
      if (frame.type === 'mark_read') told.push(frame.up_to ?? 0);
    });
  });
  await openRoom(ada);
  await expect(ada.locator('.presence-count').first()).toContainText(/\b1\b/);
  await bob.postAll(count(1, 15));
  await expect(stored(ada, 'message 15')).toBeVisible();
  await expect(ada.locator('#heard')).toHaveText('bob: message 15');
  await expect.poll(() => told.at(-1)).toBe(15);
  expect(told.length).toBeLessThan(8);
  expect(new Set(told).size, 'nothing is told twice').toBe(told.length);
});

test('what was seen just before the page was left counts as read', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await send(bob, 'one');
  await expect(stored(ada, 'one')).toBeVisible();
  await send(bob, 'two');
  await expect(stored(ada, 'two')).toBeVisible();
  await ada.goto('/settings/appearance');
  await expect(row(bob, 4).locator('.tick[data-seen]')).toBeVisible();
});

test('without sockets the list is fresh all the same', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await withoutSockets(ada);
  await ada.goto('/chat');
  await send(bob, 'can you hear me?');
  await expect(list(ada).getByRole('link', { name: /bob/ })).toContainText('can you hear me?', { timeout: 30_000 });
  await expect(ada.getByRole('heading', { name: 'Chats' })).toBeVisible();
});

test('without sockets reading is told all the same', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const talk = new URL(ada.url()).pathname;
  await ada.goto('/');
  await send(bob, 'read me');
  await expect(stored(bob, 'read me')).toBeVisible();
  await withoutSockets(ada);
  await ada.goto(talk);
  await expect(row(bob, 3).locator('.tick[data-seen]')).toBeVisible({ timeout: 30_000 });
});

test('the sign of the tab has a dot while something waits', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await ada.goto('/chat/global');
  await alive(ada);
  const sign = ada.locator('link[rel=icon]');
  // Left in the moment it was read: that is told all the same.
  await expect(sign).toHaveAttribute('href', '/favicon.svg');
  await send(bob, 'psst');
  await expect(sign).toHaveAttribute('href', '/favicon-unread.svg');
  await ada.goto('/');
  await expect(ada.getByRole('navigation', { name: 'Main' })).toContainText('1 unread message');
  await ada.goto('/chat');
  await list(ada).getByRole('link', { name: /bob/ }).click();
  await expect(sign).toHaveAttribute('href', '/favicon.svg');
});
