import { type Page, expect, test } from '../support/test';
import { log, messageBox, row, send, stored, tabTo } from '../support/pages';
import { acquaint, alive, list } from '../support/conversations';

function dialog(page: Page) {
  return page.getByRole('dialog', { name: 'Go to a conversation or person' });
}

function box(page: Page) {
  return page.getByRole('combobox');
}

test('one goes anywhere from the keyboard, and the keyboard comes back', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await member('bobby');
  await acquaint(ada, bob, 'bob');
  await messageBox(ada).focus();
  await ada.keyboard.press('Control+k');
  await expect(dialog(ada).getByRole('option')).toHaveCount(2);
  const [above, below] = [await box(ada).boundingBox(), await dialog(ada).getByRole('option').first().boundingBox()];
  expect(below!.y - above!.y - above!.height, 'room for the ring of the focus').toBeGreaterThan(4);
  await ada.keyboard.press('Escape');
  await expect(dialog(ada)).toBeHidden();
  await expect(messageBox(ada)).toBeFocused();

  await ada.keyboard.press('Control+k');
  await ada.keyboard.type('bo');
  const options = dialog(ada).getByRole('option');
  await expect(options).toHaveText([/bob/, /bobby.*Write/]);
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await ada.keyboard.press('ArrowDown');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  const id = await options.last().getAttribute('id');
  await expect(box(ada)).toHaveAttribute('aria-activedescendant', id ?? '');
  await ada.keyboard.press('ArrowDown');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await ada.keyboard.press('ArrowUp');
  await ada.keyboard.press('Enter');
  await expect(ada.getByRole('heading', { name: 'bobby' })).toBeVisible();
});

test('Enter before the answer goes where the answer leads', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await ada.goto('/chat/requests');
  await ada.keyboard.press('/');
  await expect(box(ada)).toBeFocused();
  await ada.keyboard.type('bob');
  await ada.keyboard.press('Enter');
  await expect(ada.getByRole('heading', { name: 'bob' })).toBeVisible();
});

test('it opens on every page of conversations, and by a click', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const talk = new URL(ada.url()).pathname;
  const message = (await row(ada, 1).getByRole('link', { name: /What to do/ }).getAttribute('href')) ?? '';
  for (const path of ['/chat', '/chat/global', '/chat/new', '/chat/requests', talk, `${talk}/details`, message]) {
    await ada.goto(path);
    await ada.keyboard.press('ControlOrMeta+k');
    await expect(dialog(ada), path).toBeVisible();
  }
  await ada.goto('/chat');
  await ada.getByRole('link', { name: 'Go to a conversation or person' }).click();
  await expect(dialog(ada)).toBeVisible();
  await ada.mouse.click(5, 5);
  await expect(dialog(ada)).toBeHidden();
});

test('Alt and an arrow go along the list, with Shift to what is unread', async ({ member }) => {
  const [ada, bob, cyd] = [await member('ada'), await member('bob'), await member('cyd')];
  await acquaint(ada, bob, 'bob');
  await acquaint(ada, cyd, 'cyd');
  await ada.goto('/chat/global');
  await alive(ada);
  await ada.keyboard.press('Alt+ArrowDown');
  await expect(ada.getByRole('heading', { name: 'cyd' })).toBeVisible();
  await ada.keyboard.press('Alt+ArrowUp');
  await expect(ada.getByRole('heading', { name: 'Global room' })).toBeVisible();
  await alive(ada);
  await send(bob, 'look here');
  await expect(list(ada).getByRole('link', { name: /bob/ })).toContainText('1 unread message');
  await send(cyd, 'and here');
  await expect(list(ada).getByRole('link', { name: /cyd/ })).toContainText('1 unread message');
  await ada.keyboard.press('Alt+Shift+ArrowUp');
  await expect(ada.getByRole('heading', { name: 'bob' })).toBeVisible();
});

test('a name is completed with keys and with the mouse, and marks the message', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const names = ada.getByRole('listbox', { name: 'People to name' });
  await expect(names).toBeHidden();
  await messageBox(ada).pressSequentially('hello @b');
  await expect(names.getByRole('option')).toHaveText(['Bbob']);
  await expect(messageBox(ada)).toHaveAttribute('aria-activedescendant', 'mentions-0');
  await ada.keyboard.press('Tab');
  await expect(messageBox(ada)).toHaveValue('hello @bob ');
  await expect(messageBox(ada)).toBeFocused();
  await expect(names).toBeHidden();
  await ada.keyboard.press('Enter');
  await expect(row(bob, 3)).toHaveClass(/message--mention/);
  await expect(row(ada, 3)).not.toHaveClass(/message--mention/);

  await messageBox(ada).pressSequentially('@');
  await names.getByRole('option').click();
  await expect(messageBox(ada)).toHaveValue('@bob ');
  await ada.keyboard.type('@b');
  await expect(names).toBeVisible();
  await ada.keyboard.press('Escape');
  await expect(names).toBeHidden();
  await ada.keyboard.press('Enter');
  await expect(stored(ada, '@bob @b')).toBeVisible();
});

test('names are looked up when the keys pause, not at each of them', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bobby-the-drummer')];
  await acquaint(ada, bob, 'bobby-the-drummer');
  let asked = 0;
  ada.on('request', (request) => {
    if (request.url().includes('/chat/mentions')) asked += 1;
  });
  await messageBox(ada).focus();
  await ada.keyboard.type('@bobby-the-drumm');
  await expect(ada.getByRole('listbox', { name: 'People to name' }).getByRole('option')).toHaveCount(1);
  expect(asked).toBeLessThan(5);
});

test('in the global room those who are here can be named', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await bob.goto('/chat/global');
  await alive(bob);
  await ada.goto('/chat/global');
  await alive(ada);
  await expect(ada.locator('.presence-count').first()).toContainText(/\b2\b/);
  await messageBox(ada).pressSequentially('@bo');
  await expect(ada.getByRole('listbox').getByRole('option')).toHaveText(['Bbob']);
});

test('a whole visit with nothing but keys', async ({ member, visit }) => {
  const bob = await member('bob');
  const ada = await visit();
  await ada.goto('/signup');
  // The page puts the keyboard into its first field.
  await expect(ada.locator('input[name=username]')).toBeFocused();
  await ada.keyboard.type('ada');
  await tabTo(ada, 'input[name=password]');
  await ada.keyboard.type('correct horse battery');
  await tabTo(ada, 'input[name=password_confirm]');
  await ada.keyboard.type('correct horse battery');
  await ada.keyboard.press('Enter');
  await alive(ada);
  await ada.keyboard.press('Control+k');
  await ada.keyboard.type('bob');
  await ada.keyboard.press('Enter');
  await expect(ada.getByRole('heading', { name: 'bob' })).toBeVisible();
  await alive(ada);
  await tabTo(ada, '#message');
  await ada.keyboard.type('no mouse was used');
  await ada.keyboard.press('Enter');
  await expect(stored(ada, 'no mouse was used')).toBeVisible();
  await bob.goto('/chat/requests');
  await tabTo(bob, 'button:text-is("Accept")');
  await bob.keyboard.press('Enter');
  await alive(bob);
  await tabTo(bob, '#m1 .message__more');
  await bob.keyboard.press('Enter');
  await expect(bob.getByRole('dialog')).toBeVisible();
  await tabTo(bob, 'dialog [data-act="🎉"]');
  await bob.keyboard.press('Enter');
  await expect(row(ada, 1).getByRole('button', { name: '🎉, 1 person' })).toBeVisible();
  // Its row has been made anew, and has the keyboard all the same.
  await expect(bob.locator('#m1 .message__more')).toBeFocused();
  await bob.keyboard.press('Enter');
  await tabTo(bob, 'dialog [data-act=reply]');
  await bob.keyboard.press('Enter');
  await expect(messageBox(bob)).toBeFocused();
  await bob.keyboard.type('none at all');
  await bob.keyboard.press('Enter');
  await expect(stored(ada, 'none at all')).toBeVisible();
  await expect(log(ada).locator('.quote')).toContainText('no mouse was used');
});
