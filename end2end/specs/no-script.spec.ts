import { REFUSED, expect, test } from '../support/test';
import { Person } from '../support/api';
import { field, fillSignUp, messageBox, send, signIn, signOut, signOutOthers, signUp, stored } from '../support/pages';

const NO_SCRIPT = { javaScriptEnabled: false };

test('without script: sign up, read, write, sign out', async ({ visit, server }) => {
  const bob = await Person.signUp(server, 'bob');
  await bob.post('Welcome, whoever you are');

  const ada = await visit(NO_SCRIPT);
  await ada.goto('/signup');
  await fillSignUp(ada, 'ada');
  await ada.getByRole('button', { name: 'Create account' }).click();
  await ada.goto('/chat/global');
  await expect(stored(ada, 'Welcome, whoever you are')).toBeVisible();

  await send(ada, 'Plain HTML says hello');
  await expect(stored(ada, 'Plain HTML says hello')).toHaveCount(1);
  await ada.reload();
  await expect(stored(ada, 'Plain HTML says hello')).toHaveCount(1);
  const history = await bob.history();
  expect(history.map(({ sender, content }) => [sender.username, content])).toEqual([
    ['bob', 'Welcome, whoever you are'],
    ['ada', 'Plain HTML says hello'],
  ]);

  await signOut(ada);
  await ada.goto('/chat/global');
  await expect(stored(ada, 'Plain HTML says hello')).toBeVisible();
  await expect(messageBox(ada)).toHaveCount(0);
});

test('without script: a message that is too long keeps its text and says why', async ({ member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const ada = await member('ada', NO_SCRIPT);
  const long = 'x'.repeat(2001);
  await ada.goto('/chat/global');
  await messageBox(ada).fill(long);
  await ada.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(messageBox(ada)).toHaveValue(long);
  await expect(ada.getByText(/too long|2,?000/i).first()).toBeVisible();
  await expect(stored(ada)).toHaveCount(0);
});

test('without script: a wrong password is told beside the field, a right one signs in', async ({ visit, server, complaints }) => {
  complaints.tolerate(...REFUSED);
  await Person.signUp(server, 'ada');
  const ada = await visit(NO_SCRIPT);
  await signIn(ada, 'ada', 'not the password');
  await expect(ada).toHaveURL(/login/);
  await expect(field(ada, 'username')).toHaveValue('ada');
  await expect(ada.locator('[aria-invalid=true]').first()).toBeVisible();
  await expect(field(ada, 'password')).toHaveValue('');

  await signIn(ada, 'ada');
  await expect(ada).not.toHaveURL(/login/);
});

test('without script: signed-in devices can be seen and revoked', async ({ visit, server }) => {
  await Person.signUp(server, 'ada');
  const laptop = await visit(NO_SCRIPT);
  const phone = await visit(NO_SCRIPT);
  for (const page of [laptop, phone]) {
    await signIn(page, 'ada');
    await expect(page).not.toHaveURL(/login/);
  }
  await signOutOthers(laptop);
  await phone.goto('/settings/sessions');
  await expect(phone).toHaveURL(/\/login\?next=/);
  await laptop.goto('/settings/sessions');
  await expect(laptop).toHaveURL(/settings\/sessions/);
});

test('without script: the theme can be chosen and stays', async ({ member }) => {
  const page = await member('ada', NO_SCRIPT);
  const theme = page.locator('html');
  await page.goto('/settings/appearance');
  await expect(theme).toHaveAttribute('data-theme', 'system');
  const choose = (name: string) => page.getByRole('main').getByRole('button', { name, exact: true });
  await choose('Dark').click();
  await expect(choose('Dark')).toHaveAttribute('aria-pressed', 'true');
  await page.goto('/');
  await expect(theme).toHaveAttribute('data-theme', 'dark');
});

test('without script: signing up says what is wrong, every fault at once', async ({ visit, complaints }) => {
  complaints.tolerate(...REFUSED);
  const page = await visit(NO_SCRIPT);
  await page.goto('/signup');
  await field(page, 'username').fill('a');
  await field(page, 'password').fill('short');
  await field(page, 'password_confirm').fill('other');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/signup/);
  await expect(field(page, 'username')).toHaveValue('a');
  await expect(page.locator('[aria-invalid=true]')).toHaveCount(3);
  await signUp(page, 'ada');
});
