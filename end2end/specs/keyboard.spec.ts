import { type Page, expect, test } from '../support/test';
import { log, messageBox, openRoom, row, send, stored } from '../support/pages';
import { acquaint, alive, list } from '../support/conversations';

function sheet(page: Page) {
  return page.getByRole('dialog', { name: 'Keyboard shortcuts' });
}

test('a question mark shows every shortcut, and not while one writes', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  const details = ada.getByRole('link', { name: 'Details' });
  await details.focus();
  await ada.keyboard.press('?');
  await expect(sheet(ada)).toBeVisible();
  await expect(sheet(ada).getByText('Go to a conversation or person')).toBeVisible();
  await ada.keyboard.press('?');
  await ada.keyboard.press('Alt+ArrowDown');
  await expect(sheet(ada)).toBeVisible();
  await ada.keyboard.press('Escape');
  await expect(sheet(ada)).toBeHidden();
  await expect(details).toBeFocused();

  await ada.keyboard.press('?');
  // The head is taken anew whenever something in it changes.
  await details.evaluate((link) => link.replaceWith(link.cloneNode(true)));
  await sheet(ada).getByRole('button', { name: 'Close' }).click();
  await expect(details).toBeFocused();

  await messageBox(ada).focus();
  await ada.keyboard.type('really?');
  await expect(messageBox(ada)).toHaveValue('really?');
  await expect(sheet(ada)).toBeHidden();

  await details.focus();
  await ada.keyboard.press('?');
  await ada.keyboard.press('Control+k');
  await expect(sheet(ada)).toBeHidden();
  await ada.getByRole('combobox').press('?');
  await expect(ada.getByRole('combobox')).toHaveValue('?');
  await ada.keyboard.press('Escape');
  await expect(details).toBeFocused();
});

test('F6 goes round the parts of a page', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await ada.reload();
  await alive(ada);
  const stops = [list(ada).getByRole('link', { name: /bob/ }), row(ada, 2), messageBox(ada)];
  for (const stop of [...stops, ...stops]) {
    await ada.keyboard.press('F6');
    await expect(stop).toBeFocused();
  }
  for (const stop of stops.reverse().slice(1)) {
    await ada.keyboard.press('Shift+F6');
    await expect(stop).toBeFocused();
  }
  await ada.goto('/chat/new');
  await ada.keyboard.press('F6');
  await expect(list(ada).getByRole('link').first()).toBeFocused();
  await ada.keyboard.press('F6');
  await expect(ada.getByLabel('Find people by username')).toBeFocused();
});

test('arrows walk among messages, each of which is one sentence', async ({ member }) => {
  const [ada, bob] = [await member('ada'), await member('bob')];
  await acquaint(ada, bob, 'bob');
  await send(bob, 'and agian');
  await expect(row(ada, 3)).toBeVisible();
  await messageBox(bob).press('ArrowUp');
  await send(bob, 'and again');
  await expect(row(ada, 3)).toContainText('edited');

  // One stop for all of them, and one for what can be done with it.
  await messageBox(ada).focus();
  await ada.keyboard.press('Shift+Tab');
  await expect(row(ada, 3).getByRole('link', { name: /What to do/ })).toBeFocused();
  await ada.keyboard.press('Shift+Tab');
  await expect(row(ada, 3)).toBeFocused();
  await expect(row(ada, 3)).toHaveAccessibleName(/^bob, Today \d\d:\d\d: and again\. edited$/);
  await ada.keyboard.press('ArrowDown');
  await expect(row(ada, 3)).toBeFocused();
  await ada.keyboard.press('ArrowUp');
  await expect(row(ada, 2)).toHaveAccessibleName(/^bob, Today \d\d:\d\d: hi$/);
  await expect(row(ada, 2)).toBeFocused();
  await ada.keyboard.press('Home');
  await expect(row(ada, 1)).toBeFocused();
  await expect(row(ada, 1)).toHaveAccessibleName(/^you, Today \d\d:\d\d: hello\. Seen$/);
  await ada.keyboard.press('Shift+Tab');
  await expect(log(ada).locator(':focus')).toHaveCount(0);
  await ada.keyboard.press('Tab');
  await expect(row(ada, 3)).toBeFocused();
  await ada.keyboard.press('Home');
  await ada.keyboard.press('End');
  await expect(row(ada, 3)).toBeFocused();

  // What comes, or looks different, takes the keyboard from nobody.
  await ada.keyboard.press('ArrowUp');
  await send(bob, 'one more');
  await expect(stored(ada, 'one more')).toBeVisible();
  await expect(row(ada, 2)).toBeFocused();
  await ada.keyboard.press('Enter');
  await ada.getByRole('button', { name: 'React with 👍' }).press('Enter');
  await expect(row(ada, 2).getByRole('button', { name: '👍, 1 person' })).toBeVisible();
  await expect(row(ada, 2)).toBeFocused();
  await expect(row(ada, 2)).toHaveAccessibleName(/: hi\. 👍, 1 person$/);
  await bob.locator('#m2').hover();
  await bob.locator('#m2 .reaction').click();
  await expect(row(ada, 2).getByRole('button', { name: '👍, 2 people' })).toBeVisible();
  await expect(row(ada, 2)).toBeFocused();

  await row(ada, 1).getByRole('link', { name: /What to do/ }).press('Enter');
  await ada.getByRole('button', { name: 'Reply' }).click();
  await send(ada, 'to you');
  await expect(row(ada, 5)).toHaveAccessibleName(/^you, Today \d\d:\d\d: Replying to ada: hello\. to you\. (Sent|Seen)$/);
});

test('the global room is walked through in the same way', async ({ member, visit }) => {
  const ada = await member('ada');
  await openRoom(ada);
  await send(ada, 'first');
  await expect(stored(ada, 'first')).toBeVisible();
  await ada.keyboard.press('F6');
  await ada.keyboard.press('F6');
  await expect(row(ada, 1)).toBeFocused();
  await expect(row(ada, 1)).toHaveAccessibleName(/^you, Today \d\d:\d\d: first$/);

  // Whoever only looks in has the list itself, as without script.
  const stranger = await visit();
  await openRoom(stranger);
  await expect(log(stranger)).toHaveAttribute('tabindex', '0');
  await expect(stranger.locator('#keys')).toHaveCount(0);
});
