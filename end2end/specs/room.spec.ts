import type { WebSocketRoute } from '@playwright/test';
import { CONNECTION_LOST, type Page, expect, test } from '../support/test';
import { Person } from '../support/api';
import { withoutSockets } from '../support/sockets';
import { log, messageBox, openRoom, row, scroller, send, stored, texts } from '../support/pages';

const count = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`);

/** Answers sends whose text `isRefused` with an error frame; everything else passes both ways. */
async function refuseSends(page: Page, isRefused: (content: string) => boolean): Promise<void> {
  await page.routeWebSocket(/\/ws\/chat\//, (socket: WebSocketRoute) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const frame = JSON.parse(String(data)) as { type: string; content?: string; client_id?: string };
      if (frame.type !== 'chat_message' || !isRefused(frame.content ?? '')) return server.send(data);
      const { client_id } = frame;
      const refusal = { type: 'error', code: 'forbidden', message: 'You may not write here.', client_id };
      socket.send(JSON.stringify(refusal));
    });
  });
}

test('a day has a heading, an author is named once for a run of messages', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  const cleo = await Person.signUp(server, 'cleo');
  await bob.postAll(['one', 'two', 'three']);
  await cleo.post('four');
  const ada = await member('ada');
  await openRoom(ada);
  await expect(log(ada).locator('.day-separator')).toHaveCount(1);
  await expect(log(ada).locator('.day-separator')).toBeVisible();
  const names = log(ada).locator('.message__author:visible');
  await expect(names).toHaveText([/bob/, /cleo/]);
});

test('older messages come when one scrolls up, and nothing jumps', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.postAll(count(1, 120));
  const ada = await member('ada');
  await openRoom(ada);
  await expect(row(ada, 120)).toBeInViewport();
  await expect(row(ada, 70)).toHaveCount(0);

  // The list runs from its end: 0 is the newest, and above it numbers are negative.
  const pane = await scroller(ada);
  for (const [anchor, older] of [[71, 21], [21, 1]] as const) {
    // What is read is the text; the name above it goes when the row joins an older group.
    const bubble = row(ada, anchor).locator('.message__bubble');
    const place = () => bubble.evaluate((element) => element.getBoundingClientRect().top);
    // In one breath: the next frame may already bring the older rows.
    const before = await pane.evaluate((element, seq) => {
      element.scrollTop = -element.scrollHeight;
      return element.querySelector(`[data-seq="${seq}"] .message__bubble`)?.getBoundingClientRect().top ?? NaN;
    }, anchor);
    await expect(row(ada, older)).toBeAttached();
    await expect.poll(async () => Math.abs((await place()) - before)).toBeLessThanOrEqual(2);
  }
  expect(await texts(ada)).toEqual(count(1, 120));
});

test('what came while one was away stands under a line', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  const ada = await member('ada');
  await openRoom(ada);
  await send(ada, 'back in a minute');
  await expect(stored(ada, 'back in a minute')).toHaveCount(1);
  await ada.goto('/');
  await bob.postAll(['you missed this', 'and this']);
  await openRoom(ada);
  const line = log(ada).locator('.unread-line');
  await expect(line).toBeVisible();
  const next = await line.evaluate((element) => {
    const bubbles = [...document.querySelectorAll('[data-seq] .message__bubble')];
    const after = (bubble: Element) =>
      element.compareDocumentPosition(bubble) & Node.DOCUMENT_POSITION_FOLLOWING;
    return bubbles.find(after)?.textContent?.trim();
  });
  expect(next).toBe('you missed this');
});

test('reading back is not disturbed by new messages; a pill leads to them', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.postAll(count(1, 60));
  const ada = await member('ada');
  await openRoom(ada);
  await expect(row(ada, 60)).toBeInViewport();
  const pane = await scroller(ada);
  await pane.evaluate((element) => (element.scrollTop = -element.scrollHeight / 3));
  const pill = ada.getByRole('link', { name: /jump to latest|new messages?/i });
  await expect(pill).toBeVisible();

  const place = () => row(ada, 40).evaluate((element) => element.getBoundingClientRect().top);
  const before = await place();
  await bob.post('something new');
  await expect(stored(ada, 'something new')).toBeAttached();
  expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(2);
  await expect(stored(ada, 'something new')).not.toBeInViewport();

  await pill.click();
  await expect(stored(ada, 'something new')).toBeInViewport();
  await expect(pill).toBeHidden();
});

test('a refused message says why, and can be tried again or deleted', async ({ member, server }) => {
  const ada = await member('ada');
  let refusing = true;
  await refuseSends(ada, (content) => refusing && content.startsWith('refuse'));
  await openRoom(ada);
  await send(ada, 'refuse me once');
  await send(ada, 'refuse me for good');
  const failed = log(ada).locator('.message--failed');
  await expect(failed).toHaveCount(2);
  await expect(failed.first()).toContainText(/You may not/);

  await failed.last().getByRole('button', { name: 'Delete' }).click();
  await expect(failed).toHaveCount(1);
  refusing = false;
  await failed.getByRole('button', { name: 'Try again' }).click();
  await expect(stored(ada, 'refuse me once')).toHaveCount(1);
  await expect(failed).toHaveCount(0);

  await openRoom(ada);
  expect(await texts(ada)).toEqual(['refuse me once']);
  const bob = await Person.signUp(server, 'bob');
  expect(await bob.history()).toHaveLength(1);
});

test('without sockets the room polls: messages go and come', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  const ada = await member('ada');
  await withoutSockets(ada);
  await openRoom(ada);
  await send(ada, 'through the narrow door');
  await expect(stored(ada, 'through the narrow door')).toHaveCount(1);
  await bob.post('I hear you');
  await expect(stored(ada, 'I hear you')).toBeVisible({ timeout: 20_000 });
  await expect(ada.locator('.connection-bar[data-state=polling]')).toBeVisible({ timeout: 15_000 });
  await expect(ada.locator('.connection-bar')).toHaveText(/\w+/);
  expect((await bob.history()).map(({ content }) => content)).toEqual(['through the narrow door', 'I hear you']);
});

test('a lost line is told in words after a while, and when it is back', async ({ member, server, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await openRoom(ada);
  const bar = ada.locator('.connection-bar');
  await expect(bar).toBeHidden();
  await server.kill();
  await expect(ada.locator('.connection-bar[data-state=reconnecting]')).toBeVisible({ timeout: 15_000 });
  await expect(bar).toHaveText(/\w+/);
  await server.start();
  const bob = await Person.signUp(server, 'bob');
  await bob.post('I am back too');
  await expect(stored(ada, 'I am back too')).toBeVisible({ timeout: 30_000 });
  await expect(ada.locator('.connection-bar:is([data-state=reconnecting], [data-state=offline])')).toHaveCount(0);
});

test('text is text: emoji, right-to-left, markup, zero-width', async ({ member, server }) => {
  const said = [
    '👩‍👩‍👧‍👦 🎉',
    'שלום עולם, this turns back',
    '<img src=x onerror=alert(1)> <b>bold?</b> &amp; </script>',
    'a\u200bb\u200dc',
    'first line\nsecond line',
    'z'.repeat(400),
  ];
  const bob = await Person.signUp(server, 'bob');
  const ada = await member('ada');
  ada.on('dialog', (dialog) => expect(dialog.message(), 'markup ran').toBe(''));
  await openRoom(ada);
  await bob.postAll(said);
  await expect(stored(ada)).toHaveCount(said.length);
  expect(await texts(ada), 'as it came through the socket').toEqual(said);
  await openRoom(ada);
  expect(await texts(ada), 'as the server rendered it').toEqual(said);
  await expect(log(ada).locator('img[src=x], b')).toHaveCount(0);
});

test('an empty message is not sent, a long one is not cut', async ({ member, server }) => {
  const ada = await member('ada');
  await openRoom(ada);
  await messageBox(ada).fill(' \u200b ');
  await messageBox(ada).press('Enter');
  const long = 'y'.repeat(2001);
  await messageBox(ada).fill(long);
  await messageBox(ada).press('Enter');
  await expect(messageBox(ada)).toHaveValue(long);
  await messageBox(ada).fill(long.slice(1));
  await messageBox(ada).press('Enter');
  await expect(stored(ada)).toHaveCount(1);
  expect(await texts(ada)).toEqual([long.slice(1)]);
  const bob = await Person.signUp(server, 'bob');
  expect(await bob.history()).toHaveLength(1);
});

test('Enter sends, Shift+Enter makes a line', async ({ member }) => {
  const ada = await member('ada');
  await openRoom(ada);
  await messageBox(ada).pressSequentially('one');
  await messageBox(ada).press('Shift+Enter');
  await messageBox(ada).pressSequentially('two');
  await messageBox(ada).press('Enter');
  await expect.poll(() => texts(ada)).toEqual(['one\ntwo']);
  await expect(messageBox(ada)).toHaveValue('');
  await expect(messageBox(ada)).toBeFocused();
});

test('on a phone all of it fits', async ({ member, server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.postAll([...count(1, 30), 'w'.repeat(300)]);
  const ada = await member('ada', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await openRoom(ada);
  await expect(messageBox(ada)).toBeInViewport();
  await expect(ada.getByRole('button', { name: 'Send', exact: true })).toBeInViewport();
  expect(await ada.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await send(ada, 'from a phone');
  await expect(stored(ada, 'from a phone')).toBeInViewport();
});

/** Tells the page that it is looked at, or not: headless tabs are always in sight. */
async function putOutOfSight(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { get: () => value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
}

test('a tab out of sight counts in its title what others say, until it is looked at', async ({ member, server }) => {
  const ada = await member('ada');
  const bob = await Person.signUp(server, 'bob');
  await openRoom(ada);
  await bob.post('seen');
  await expect(stored(ada, 'seen')).toBeVisible();
  await expect(ada).toHaveTitle(/^Global room/);

  await putOutOfSight(ada, true);
  await bob.postAll(['one', 'two']);
  await expect(ada).toHaveTitle(/^\(2\) Global room/);
  await putOutOfSight(ada, false);
  await expect(ada).toHaveTitle(/^Global room/);
});

test('somebody without an account reads along, live', async ({ visit, server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.post('open to all');
  const guest = await visit();
  await openRoom(guest);
  await expect(stored(guest, 'open to all')).toBeVisible();
  await expect(messageBox(guest)).toHaveCount(0);
  await bob.post('still open');
  await expect(stored(guest, 'still open')).toBeVisible({ timeout: 20_000 });
});

test('an address in a message leads there, before the page is alive and after', async ({ member, visit, server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.post('See https://example.org/a?b=1&c=2, and (http://example.org). <b>Not</b> javascript:alert(1)');
  for (const page of [await member('ada'), await visit({ javaScriptEnabled: false })]) {
    await page.goto('/chat/global');
    const links = log(page).locator('.message__bubble a');
    await expect(links).toHaveText(['https://example.org/a?b=1&c=2', 'http://example.org']);
    await expect(links.first()).toHaveAttribute('href', 'https://example.org/a?b=1&c=2');
    await expect(links.first()).toHaveAttribute('rel', /nofollow.*noopener/);
  }
  const ada = await member('cleo');
  await openRoom(ada);
  await bob.post('and https://example.org/live');
  await expect(log(ada).getByRole('link', { name: 'https://example.org/live' })).toBeVisible();
});
