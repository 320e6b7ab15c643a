import { type Page, REFUSED, expect, test } from '../support/test';
import { acquaint, alive, list, openMenu, writeTo } from '../support/conversations';
import { log, messageBox, row, send, stored } from '../support/pages';

test('a request is asked, accepted, and becomes a conversation', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await bob.goto('/chat/global');
  await alive(bob);
  await writeTo(ada, 'bob');
  await expect(ada.getByText('bob has not answered yet')).toBeVisible();
  await send(ada, 'Do you have a minute for https://example.org?');
  await expect(list(bob).getByRole('link', { name: '1 message request' })).toBeVisible();
  await list(bob).getByRole('link', { name: '1 message request' }).click();
  await expect(bob.getByText('ada wants to write to you.')).toBeVisible();
  await bob.getByRole('link', { name: 'Read what they wrote' }).click();
  await expect(bob.getByText('Do you have a minute for')).toBeVisible();
  const link = bob.locator('.message__bubble').getByRole('link', { name: 'https://example.org' });
  await expect(link, 'of a stranger it leads nowhere').toBeHidden();
  await bob.getByRole('button', { name: 'Accept' }).click();
  await alive(bob);
  await expect(link).toBeVisible();
  await send(bob, 'Always');
  await expect(stored(ada, 'Always')).toBeVisible();
  await expect(ada.getByText('bob has not answered yet')).toBeHidden();
  await expect(list(ada).getByRole('link', { name: /bob/ })).toContainText('Always');
  await expect(ada.locator('#chat-head').getByText('Online')).toBeVisible();
});

test('typing, reading, changing, reacting, answering and taking back are seen live', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');

  await messageBox(bob).pressSequentially('wait');
  await expect(ada.getByText('bob is typing…')).toBeVisible();
  await send(bob, 'wait for me');
  await expect(ada.getByText('bob is typing…')).toBeHidden();

  await send(ada, 'take your tim');
  await expect(row(ada, 4).locator('.tick[data-seen]')).toBeVisible();

  await openMenu(ada, 4);
  await ada.getByRole('button', { name: 'Edit' }).click();
  await expect(messageBox(ada)).toHaveValue('take your tim');
  await send(ada, 'take your time');
  await expect(row(bob, 4)).toContainText('take your time');
  await expect(row(bob, 4)).toContainText('edited');
  await expect(messageBox(ada)).toHaveValue('');

  await openMenu(bob, 4);
  await bob.getByRole('button', { name: 'React with 🎉' }).click();
  const chip = row(ada, 4).getByRole('button', { name: '🎉, 1 person' });
  await expect(chip).toHaveAttribute('aria-pressed', 'false');
  await chip.click();
  await expect(row(bob, 4).getByRole('button', { name: '🎉, 2 people' })).toBeVisible();
  await row(ada, 4).getByRole('button', { name: '🎉, 2 people' }).click();
  await expect(row(bob, 4).getByRole('button', { name: '🎉, 1 person' })).toBeVisible();

  await openMenu(bob, 1);
  await bob.getByRole('button', { name: 'Reply' }).click();
  await send(bob, 'to your first word');
  await row(ada, 5).locator('.quote').click();
  await expect(ada).toHaveURL(/#m1$/);
  await expect(row(ada, 1)).toBeInViewport();

  await openMenu(ada, 4);
  await ada.getByRole('button', { name: 'Take back' }).click();
  await ada.getByRole('button', { name: 'Take back' }).click();
  await expect(row(bob, 4)).toContainText('Message taken back');
  await expect(row(bob, 4)).not.toContainText('take your time');
  await expect(row(ada, 4)).toContainText('Message taken back');
});

test('the list and the title count what is unread elsewhere', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await bob.goto('/chat/global');
  await alive(bob);
  await send(ada, 'one');
  await send(ada, 'two');
  await expect(list(bob).getByRole('link', { name: /ada/ })).toContainText('2 unread messages');
  await expect(bob).toHaveTitle(/^\(2\) Global room/);
  await list(bob).getByRole('link', { name: /ada/ }).click();
  await alive(bob);
  await expect(list(bob).getByRole('link', { name: /ada/ })).not.toContainText('unread');
  await expect(bob).toHaveTitle(/^ada/);
});

test('the row of what is open never counts what is read there', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  // Nothing is read in a tab that nobody looks at: the moment before it is told stands still.
  await ada.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await send(bob, 'look here');
  const here = list(ada).getByRole('link', { name: /bob/ });
  await expect(here).toContainText('look here');
  await expect(here).toHaveClass(/chat-row--unread/);
  await expect(here.locator('.count')).toBeHidden();
  await ada.getByRole('link', { name: 'Details' }).click();
  await expect(here.locator('.count')).toBeVisible();
});

test('a group of five talks, sees who has read, and can be left', async ({ member }) => {
  test.setTimeout(120_000);
  const names = ['bob', 'cyd', 'dan', 'eli'];
  const ada = await member('ada');
  const others: Page[] = [];
  for (const name of names) others.push(await member(name));
  await ada.goto('/chat/new');
  for (const name of names) {
    await ada.getByLabel('Find people by username').fill(name);
    await ada.getByRole('button', { name: 'Search' }).click();
    await ada.getByRole('checkbox', { name }).check();
  }
  await ada.getByLabel('Name of the group').fill('Five');
  await ada.getByRole('button', { name: 'Create group' }).click();
  await alive(ada);
  await send(ada, 'all here?');
  for (const other of others) {
    await other.goto('/chat');
    await list(other).getByRole('link', { name: /Five/ }).click();
    await alive(other);
    await expect(stored(other, 'all here?')).toBeVisible();
  }
  await expect(ada.getByText('Seen by everybody')).toBeVisible();
  await messageBox(others[0]!).pressSequentially('a');
  await messageBox(others[1]!).pressSequentially('b');
  await expect(ada.getByText(/^(bob and cyd|cyd and bob) are typing…$/)).toBeVisible();
  await messageBox(others[2]!).pressSequentially('c');
  await expect(ada.getByText('Several people are typing…')).toBeVisible();

  const bob = others[0]!;
  await bob.getByRole('link', { name: 'Details' }).click();
  await bob.getByRole('button', { name: 'Leave group' }).click();
  await expect(bob).toHaveURL(/\/chat$/);
  await expect(list(bob).getByRole('link', { name: /Five/ })).toHaveCount(0);
  await expect(ada.locator('#chat-head')).toContainText('4 members');
});

test('a stranger finds no page, and a block ends writing', async ({ member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const [ada, bob, eve] = [await member('ada'), await member('bob'), await member('eve')];
  await acquaint(ada, bob, 'bob');
  const path = new URL(ada.url()).pathname;
  expect((await eve.goto(path))?.status()).toBe(404);

  await bob.getByRole('link', { name: 'Details' }).click();
  await bob.getByRole('button', { name: 'Block', exact: true }).click();
  await send(ada, 'are you there?');
  await expect(ada.locator('.message--failed')).toContainText('You cannot write to this person.');
});

test('a draft waits on the server', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const kept = ada.waitForResponse((response) => response.url().endsWith('/draft'));
  await messageBox(ada).fill('not finished');
  await kept;
  await ada.goto('/chat');
  await expect(list(ada).getByRole('link', { name: /bob/ })).toContainText('Draft: not finished');
  await list(ada).getByRole('link', { name: /bob/ }).click();
  await expect(messageBox(ada)).toHaveValue('not finished');
});

test('what is written offline in one conversation is sent from another', async ({ member, complaints }) => {
  complaints.tolerate(/net::ERR_/, /WebSocket connection/);
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await ada.context().setOffline(true);
  await send(ada, 'from the tunnel');
  await expect(log(ada).locator('.message--pending')).toBeVisible();
  await ada.close();
  const again = await ada.context().newPage();
  await ada.context().setOffline(false);
  await again.goto('/chat/global');
  await expect(stored(bob, 'from the tunnel')).toHaveCount(1);
});

test('everything is there without script', async ({ member }) => {
  const options = { javaScriptEnabled: false };
  const [ada, bob] = [await member('ada', options), await member('bob', options)];
  await ada.goto('/chat/new');
  await ada.getByLabel('Find people by username').fill('bob');
  await ada.getByRole('button', { name: 'Search' }).click();
  await ada.getByRole('button', { name: 'Write to bob' }).click();
  await send(ada, 'plain words');
  await bob.goto('/chat');
  await bob.getByRole('link', { name: '1 message request' }).click();
  await bob.getByRole('button', { name: 'Accept' }).click();
  await expect(stored(bob, 'plain words')).toBeVisible();
  await bob.getByRole('link', { name: /What to do with this message of ada/ }).click();
  await bob.getByRole('button', { name: 'React with 👍' }).click();
  await expect(row(bob, 1)).toContainText('👍');
  await bob.getByRole('link', { name: /What to do with this message of ada/ }).click();
  await bob.getByRole('link', { name: 'Reply' }).click();
  await send(bob, 'an answer');
  await expect(row(bob, 2).locator('.quote')).toContainText('plain words');
  await ada.reload();
  await row(ada, 1).getByRole('link', { name: /What to do/ }).click();
  await ada.getByLabel('Change the text').fill('plainer words');
  await ada.getByRole('button', { name: 'Save' }).click();
  await expect(row(ada, 1)).toContainText('plainer words');
  await row(ada, 1).getByRole('link', { name: /What to do/ }).click();
  await ada.getByRole('button', { name: 'Take back' }).click();
  await expect(row(ada, 1)).toContainText('Message taken back');
});

test('the keyboard is enough', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await messageBox(ada).focus();
  await ada.keyboard.type('with keys');
  await ada.keyboard.press('Enter');
  await expect(stored(ada, 'with keys')).toBeVisible();
  await ada.keyboard.press('ArrowUp');
  await expect(messageBox(ada)).toHaveValue('with keys');
  await ada.keyboard.press('Escape');
  await expect(messageBox(ada)).toHaveValue('');
  await openMenu(ada, 3);
  await ada.keyboard.press('Escape');
  await expect(ada.getByRole('dialog')).toBeHidden();
  await expect(row(ada, 3).getByRole('link', { name: /What to do/ })).toBeFocused();
});

test('a phone shows one pane at a time, and the way back', async ({ member }) => {
  const options = { viewport: { width: 390, height: 844 }, hasTouch: true };
  const [ada, bob] = [await member('ada', options), await member('bob', options)];
  await acquaint(ada, bob, 'bob');
  await expect(list(ada)).toBeHidden();
  const head = ada.locator('#chat-head');
  await expect(head.getByText('Online')).toBeVisible();
  expect((await head.boundingBox())?.height, 'of one storey').toBeLessThanOrEqual(64);
  await ada.getByRole('link', { name: 'Details' }).click();
  await expect(ada.locator('.people-row').getByText('Online')).toBeVisible();
  await ada.goBack();
  await ada.getByRole('link', { name: 'Back to the list' }).click();
  await expect(list(ada)).toBeVisible();
  await expect(ada.getByRole('log')).toBeHidden();
  for (const path of ['/chat', '/chat/new', '/chat/requests', '/chat/global']) {
    await ada.goto(path);
    const overflow = await ada.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
});
