import { type Page, REFUSED, expect, test } from '../support/test';
import { PASSWORD, Person } from '../support/api';
import { field, fillSignUp, openRoom, signIn, signOut, signOutOthers } from '../support/pages';

const FIELDS = ['username', 'email', 'password', 'password_confirm'] as const;

/** What is wrong with a field stands beside it, and belongs to it for those who cannot see it. */
async function expectIssue(page: Page, name: (typeof FIELDS)[number]): Promise<void> {
  const control = field(page, name);
  await expect(control).toHaveAttribute('aria-invalid', 'true');
  await expect(control).toHaveAttribute('aria-describedby', new RegExp(`\\b${name}-issue\\b`));
  await expect(page.locator(`#${name}-issue`)).toHaveText(/\w+/);
}

for (const javaScriptEnabled of [true, false]) {
  test(`sign-up tells each fault beside its field, ${javaScriptEnabled ? 'with' : 'without'} script`, async ({ visit, complaints }) => {
    complaints.tolerate(...REFUSED);
    const page = await visit({ javaScriptEnabled });
    await page.goto('/signup');
    await field(page, 'username').fill('a b');
    await field(page, 'email').fill('nowhere');
    await field(page, 'password').fill('short');
    await field(page, 'password_confirm').fill('different');
    await page.getByRole('button', { name: 'Create account' }).click();

    for (const name of FIELDS) await expectIssue(page, name);
    await expect(field(page, 'username')).toBeFocused();
    await expect(field(page, 'username')).toHaveValue('a b');
    await expect(field(page, 'email')).toHaveValue('nowhere');
  });
}

test('what was typed stays where a form is refused, the passwords too', async ({ visit, server, complaints }) => {
  complaints.tolerate(...REFUSED);
  await Person.signUp(server, 'ada');
  const page = await visit();
  await page.goto('/signup');
  await fillSignUp(page, 'ada');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expectIssue(page, 'username');
  for (const name of ['password', 'password_confirm'] as const) await expect(field(page, name)).toHaveValue(PASSWORD);
  await field(page, 'username').fill('ada2');
  await expect(field(page, 'username')).not.toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/\/chat\/global$/);

  await page.goto('/settings/account');
  const form = page.locator('form', { has: page.locator('#new_password') });
  await form.getByLabel('Current password').fill(PASSWORD);
  await form.getByLabel('New password', { exact: true }).fill('short');
  await form.getByLabel('New password, again').fill('short');
  await form.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.locator('#new_password')).toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByLabel('Current password')).toHaveValue(PASSWORD);
});

test('the first field that is wrong gets the focus, not the first field', async ({ visit, complaints }) => {
  complaints.tolerate(...REFUSED);
  const page = await visit();
  await page.goto('/signup');
  await fillSignUp(page, 'ada', 'short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(field(page, 'password')).toBeFocused();
  await expect(field(page, 'username')).not.toHaveAttribute('aria-invalid', 'true');
});

test('a taken name is told, in any case and look', async ({ visit, server, complaints }) => {
  complaints.tolerate(...REFUSED);
  await Person.signUp(server, 'paypal');
  const page = await visit();
  for (const twin of ['PayPal', 'раypal']) {
    await page.goto('/signup');
    await fillSignUp(page, twin);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(field(page, 'username')).toHaveAttribute('aria-invalid', 'true');
  }
});

test('a password can be looked at', async ({ visit }) => {
  const page = await visit();
  await page.goto('/login');
  const password = field(page, 'password');
  await password.fill(PASSWORD);
  await expect(password).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: 'Show password' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await expect(password).toHaveValue(PASSWORD);
});

test('a wrong password and an unknown account get the same answer', async ({ visit, server, complaints }) => {
  complaints.tolerate(...REFUSED);
  await Person.signUp(server, 'ada');
  const page = await visit();
  const answers: string[] = [];
  for (const username of ['ada', 'nobody-at-all']) {
    await page.goto('/login');
    await signIn(page, username, 'not the password');
    await expect(page.locator('[aria-invalid=true]').first()).toBeVisible();
    answers.push((await page.locator('.field__issue').allInnerTexts()).join('|'));
  }
  expect(answers[0]).toMatch(/\w+/);
  expect(answers[1]).toBe(answers[0]);
});

for (const [next, path] of [
  ['/chat/global', '/chat/global'],
  ['//evil.example', null],
  ['https://evil.example/', null],
  ['/\\evil.example', null],
] as const) {
  test(`signing in with next=${next} stays on the site`, async ({ visit, server }) => {
    await Person.signUp(server, 'ada');
    const page = await visit();
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await signIn(page, 'ada');
    await expect(page).not.toHaveURL(/\/login/);
    const url = new URL(page.url());
    expect(url.origin).toBe(server.url);
    if (path) expect(url.pathname).toBe(path);
  });
}

test('a page for members asks to sign in and comes back', async ({ visit, server }) => {
  await Person.signUp(server, 'ada');
  const page = await visit();
  await page.goto('/settings/sessions');
  await expect(page).toHaveURL(/\/login\?next=/);
  await signIn(page, 'ada');
  await expect(page).toHaveURL(/\/settings\/sessions$/);
});

test('revoking a device signs it out, its open room included', async ({ visit, server, complaints }) => {
  complaints.tolerate(...REFUSED);
  await Person.signUp(server, 'ada');
  const laptop = await visit();
  const phone = await visit();
  for (const page of [laptop, phone]) {
    await signIn(page, 'ada');
    await expect(page).not.toHaveURL(/login/);
  }
  await openRoom(phone);
  await signOutOthers(laptop);
  await expect(phone.getByRole('link', { name: /^Sign in/ }).first()).toBeVisible();
  await phone.goto('/settings/sessions');
  await expect(phone).toHaveURL(/\/login\?next=/);
});

test('signing out ends the session', async ({ member }) => {
  const page = await member('ada');
  await page.goto('/');
  await signOut(page);
  await page.goto('/settings/sessions');
  await expect(page).toHaveURL(/\/login\?next=/);
});
