import { type Locator, REFUSED, expect, test } from '../support/test';
import { PASSWORD, Person } from '../support/api';
import { field, fillSignUp, openRoom, signIn } from '../support/pages';

/** The words that an assistive program reads out with the field. */
function complaint(control: Locator): Promise<string> {
  return control.evaluate((element) =>
    (element.getAttribute('aria-describedby') ?? '')
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent?.trim() ?? '')
      .join(' '),
  );
}

for (const javaScriptEnabled of [true, false]) {
  test(`sign-up tells each fault beside its field, ${javaScriptEnabled ? 'with' : 'without'} script`, async ({ visit, complaints }) => {
    complaints.tolerate(...REFUSED);
    const page = await visit({ javaScriptEnabled });
    await page.goto('/signup');
    await field(page, 'Username').fill('a b');
    await field(page, 'Email').fill('nowhere');
    await field(page, 'Password').fill('short');
    await field(page, 'Confirm password').fill('different');
    await page.getByRole('button', { name: 'Create account' }).click();

    for (const label of ['Username', 'Email', 'Password', 'Confirm password']) {
      const control = field(page, label);
      await expect(control).toHaveAttribute('aria-invalid', 'true');
      expect(await complaint(control), label).not.toBe('');
    }
    await expect(field(page, 'Username')).toBeFocused();
    await expect(field(page, 'Username')).toHaveValue('a b');
    await expect(field(page, 'Email')).toHaveValue('nowhere');
  });
}

test('the first field that is wrong gets the focus, not the first field', async ({ visit, complaints }) => {
  complaints.tolerate(...REFUSED);
  const page = await visit();
  await page.goto('/signup');
  await fillSignUp(page, 'ada', 'short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(field(page, 'Password')).toBeFocused();
  await expect(field(page, 'Username')).not.toHaveAttribute('aria-invalid', 'true');
});

test('a taken name is told, in any case and look', async ({ visit, server, complaints }) => {
  complaints.tolerate(...REFUSED);
  await Person.signUp(server, 'paypal');
  const page = await visit();
  for (const twin of ['PayPal', 'раypal']) {
    await page.goto('/signup');
    await fillSignUp(page, twin);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(field(page, 'Username')).toHaveAttribute('aria-invalid', 'true');
  }
});

test('a password can be looked at', async ({ visit }) => {
  const page = await visit();
  await page.goto('/login');
  const password = page.locator('input[name=password]');
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
    const invalid = page.locator('[aria-invalid=true]').first();
    await expect(invalid).toBeVisible();
    answers.push(await complaint(invalid));
  }
  expect(answers[0]).not.toBe('');
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
  await laptop.goto('/settings/sessions');
  const revoke = laptop.getByRole('button', { name: /revoke/i });
  for (let left = await revoke.count(); left > 0; left -= 1) {
    await revoke.first().click();
    await expect(revoke).toHaveCount(left - 1);
  }
  await expect(phone.getByRole('link', { name: 'Sign in' }).first()).toBeVisible();
  await phone.goto('/settings/sessions');
  await expect(phone).toHaveURL(/\/login\?next=/);
});

test('signing out ends the session, in every tab', async ({ member }) => {
  const page = await member('ada');
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible();
  await page.goto('/settings/sessions');
  await expect(page).toHaveURL(/\/login\?next=/);
});
