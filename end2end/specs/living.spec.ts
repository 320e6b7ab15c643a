import { type Page, expect, test } from '../support/test';
import { messageBox, send, stored } from '../support/pages';
import { acquaint, alive, list, writeTo } from '../support/conversations';

/** The page hears what happens. */
async function live(page: Page, path: string): Promise<void> {
  const heard = page.waitForResponse(/chat\/pane/);
  await page.goto(path);
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await heard;
}

test('a request appears where requests are, and an open form stays', async ({ member }) => {
  const [ada, bob, eve] = [await member('ada'), await member('bob'), await member('eve')];
  await live(bob, '/chat/requests');
  await expect(bob.getByText('No requests')).toBeVisible();
  await writeTo(ada, 'bob');
  await send(ada, 'a question');
  await expect(bob.getByText('ada wants to write to you.')).toBeVisible();
  await expect(bob.getByText('No requests')).toBeHidden();
  await expect(bob).toHaveURL(/requests$/);

  await bob.locator('summary', { hasText: 'Block and report' }).click();
  await bob.getByLabel('What is wrong?').selectOption('hate');
  const taken = bob.waitForResponse(/chat\/pane/);
  await writeTo(eve, 'bob');
  await send(eve, 'an offer');
  await taken;
  await expect(list(bob).getByRole('link', { name: '2 message requests' })).toBeVisible();
  await expect(bob.getByLabel('What is wrong?')).toHaveValue('hate');
  await bob.locator('summary', { hasText: 'Block and report' }).click();
  await bob.mouse.move(0, 0);
  await bob.locator('#pane-title').evaluate(() => (document.activeElement as HTMLElement).blur());
  await expect(bob.getByText('eve wants to write to you.')).toBeVisible({ timeout: 15_000 });
});

test('who is added is in the details, and what is being typed there stays', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await member('cyd');
  await member('dan');
  await ada.goto('/chat/new?q=b&with=cyd');
  await ada.getByRole('checkbox', { name: 'bob' }).check();
  await ada.getByLabel('Name of the group').fill('Band');
  await ada.getByRole('button', { name: 'Create group' }).click();
  await alive(ada);
  const details = `${new URL(ada.url()).pathname}/details`;
  await live(bob, details);
  await expect(bob.getByRole('heading', { name: '3 members' })).toBeVisible();
  const other = await ada.context().newPage();
  await live(other, details);
  await other.getByLabel('Name of the group').fill('Brass b');
  await other.getByLabel('Add somebody by username').focus();
  await ada.goto(details);
  await ada.getByLabel('Add somebody by username').fill('dan');
  await ada.getByRole('button', { name: 'Add', exact: true }).click();
  for (const page of [bob, other]) {
    await expect(page.getByRole('heading', { name: '4 members' })).toBeVisible();
    await expect(page.locator('.people-row').getByText('dan')).toBeVisible();
  }
  await expect(other.getByLabel('Add somebody by username')).toBeFocused();
  await expect(other.getByLabel('Name of the group')).toHaveValue('Brass b');
  await ada.getByLabel('Name of the group').fill('Brass');
  await ada.getByRole('button', { name: 'Rename' }).click();
  await expect(bob.getByRole('heading', { name: 'About Brass' })).toBeVisible();
  await ada.goto(details);
  await ada.getByRole('button', { name: 'Make bob an admin' }).click();
  await expect(bob.getByLabel('Name of the group')).toBeVisible();
});

test('beside a search for people the list is fresh', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await live(ada, '/chat/new?q=b');
  await ada.getByLabel('Find people by username').fill('zo');
  await send(bob, 'look here');
  await expect(stored(bob, 'look here')).toBeVisible();
  await expect(list(ada).getByRole('link', { name: /bob/ })).toContainText('look here');
  await expect(ada.getByLabel('Find people by username')).toHaveValue('zo');
});

test('s68_a_page_opens_one_socket_whatever_is_open_in_it', async ({ member, visit }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const talk = new URL(ada.url()).pathname;
  for (const path of ['/chat', '/chat/global', talk, `${talk}/details`, '/chat/requests', '/chat/new']) {
    const page = await ada.context().newPage();
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await live(page, path);
    await page.keyboard.press('Control+k');
    await expect(page.locator('#switcher').getByRole('option').first()).toBeVisible();
    await page.keyboard.press('Escape');
    expect(sockets, path).toHaveLength(1);
    await page.close();
  }
  const stranger = await visit();
  const sockets: string[] = [];
  stranger.on('websocket', (socket) => sockets.push(socket.url()));
  for (const path of ['/', '/login', '/signup']) await stranger.goto(path, { waitUntil: 'networkidle' });
  expect(sockets, 'without a conversation there is none').toEqual([]);
});

test('s69_a_page_that_rests_asks_for_nothing', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const talk = new URL(ada.url()).pathname;
  const asked: string[] = [];
  for (const path of ['/chat', '/chat/global', talk, `${talk}/details`, '/chat/requests', '/chat/new']) {
    const page = await ada.context().newPage();
    await page.clock.install();
    await live(page, path);
    await page.waitForLoadState('networkidle');
    page.on('request', (request) => asked.push(`${path}: ${request.url()}`));
    // A minute passes for the page, with every timer that is set in it.
    await page.clock.runFor('01:00');
    await page.waitForLoadState('networkidle');
    await page.close();
  }
  expect(asked).toEqual([]);
  await send(bob, 'no answer?');
  await expect(stored(bob, 'no answer?')).toBeVisible();
  await expect(messageBox(bob)).toBeVisible();
});
