import AxeBuilder from '@axe-core/playwright';
import { type Page, REFUSED, expect, test } from '../support/test';
import { PASSWORD, Person } from '../support/api';
import { messageBox } from '../support/pages';

const NO_SCRIPT = { javaScriptEnabled: false };
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The smallest picture: one red pixel, as a PNG. */
const RED = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

async function putUp(page: Page, label: string, name: string, buffer: Buffer): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.setInputFiles({ name, mimeType: 'image/png', buffer });
  await page.locator('form', { has: field }).getByRole('button', { name: 'Upload' }).click();
}

for (const options of [{}, NO_SCRIPT]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`following somebody from their profile, ${how} script`, async ({ member, server }) => {
    await Person.signUp(server, 'bob');
    const ada = await member('ada', options);
    await ada.goto('/u/bob');
    await ada.getByRole('button', { name: 'Follow bob' }).click();
    await expect(ada.getByRole('button', { name: /^Following bob/ })).toBeVisible();
    await expect(ada.getByRole('link', { name: '1 follower' })).toBeVisible();
    await ada.getByRole('link', { name: '1 follower' }).click();
    await expect(ada.getByRole('listitem').getByRole('link', { name: 'ada' })).toBeVisible();
    await ada.goto('/u/ada/following');
    await ada.getByRole('button', { name: /^Following bob/ }).click();
    await expect(ada.getByRole('button', { name: 'Follow bob' }).or(ada.getByText('ada follows nobody yet'))).toBeVisible();
  });

  test(`a profile is filled in and looked at, ${how} script`, async ({ member, complaints }) => {
    complaints.tolerate(...REFUSED);
    const ada = await member('ada', options);
    await ada.goto('/settings/profile');
    await ada.getByLabel('First name').fill('Ada');
    await ada.getByLabel('Last name').fill('Lovelace');
    await ada.getByLabel('About you').fill('Counts engines.\nMore at https://example.org/engine.');
    await ada.getByLabel('Name of link 1').fill('Notes');
    await ada.getByLabel('Address of link 1').fill('example.org/notes');
    await ada.getByRole('button', { name: 'Save' }).click();
    await expect(ada.getByText('Saved.')).toBeVisible();
    await putUp(ada, 'Picture', 'me.png', RED);
    await expect(ada.getByText('Saved.')).toBeVisible();
    await putUp(ada, 'Banner', 'banner.png', Buffer.from('<svg onload="alert(1)"/>'));
    await expect(ada.locator('#banner-issue')).toContainText('JPEG');

    await ada.locator('summary[aria-label^="Account of"]').click();
    await ada.getByRole('link', { name: 'Your profile', exact: true }).click();
    await expect(ada.getByRole('heading', { name: 'Ada Lovelace' })).toBeVisible();
    await expect(ada.getByRole('link', { name: 'example.org/engine' })).toHaveAttribute('href', 'https://example.org/engine');
    await expect(ada.getByRole('link', { name: 'Notes', exact: true })).toHaveAttribute('rel', /nofollow/);
    const picture = ada.locator('.profile__avatar img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    await ada.getByRole('link', { name: 'About', exact: true }).click();
    await expect(ada.getByText(/^Here since/)).toBeVisible();
  });

  test(`blocking from a profile and letting in again, ${how} script`, async ({ member, server, complaints }) => {
    complaints.tolerate(...REFUSED);
    await Person.signUp(server, 'bob');
    const ada = await member('ada', options);
    await ada.goto('/u/bob');
    await ada.getByRole('main').locator('summary[aria-label^="What to do"]').click();
    await ada.getByRole('button', { name: 'Block' }).click();
    await expect(ada.getByText('Neither of you can find the other', { exact: false })).toBeVisible();
    expect((await ada.goto('/u/bob'))?.status()).toBe(404);
    await ada.goto('/settings/privacy');
    await ada.getByRole('button', { name: 'Unblock bob' }).click();
    await expect(ada.getByText('You have blocked nobody.')).toBeVisible();
    await ada.goto('/u/bob');
    await ada.getByRole('button', { name: 'Write to bob' }).click();
    await expect(messageBox(ada)).toBeVisible();
  });
}

test('an account is given up and taken back, without script', async ({ member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const ada = await member('ada', NO_SCRIPT);
  await ada.goto('/settings/account');
  const form = ada.locator('form[action="/settings/account/delete"]');
  await form.getByLabel('Current password').fill('not the password');
  await form.getByRole('button', { name: 'Delete my account' }).click();
  await expect(ada.locator('#delete-password-issue')).toHaveText(/\w+/);
  await form.getByLabel('Current password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Delete my account' }).click();
  await expect(ada.getByRole('link', { name: /^Sign in/ }).first()).toBeVisible();

  await ada.goto('/login');
  await ada.locator('main input[name=username]').fill('ada');
  await ada.locator('main input[name=password]').fill(PASSWORD);
  await ada.getByRole('button', { name: 'Sign in', exact: true }).click();
  await ada.getByRole('button', { name: 'Keep my account' }).click();
  await expect(ada.getByRole('button', { name: 'Delete my account' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing on profiles and settings, ${colorScheme}`, async ({ member, server }) => {
    await Person.signUp(server, 'bob');
    const ada = await member('ada', { colorScheme, reducedMotion: 'reduce' });
    await ada.goto('/u/bob');
    await ada.getByRole('button', { name: 'Follow bob' }).click();
    const paths = ['/u/ada', '/u/bob', '/u/bob?tab=about', '/u/bob/followers', '/u/bob/following'];
    for (const path of [...paths, '/settings/profile', '/settings/privacy', '/settings/account']) {
      await ada.goto(path);
      const { violations } = await new AxeBuilder({ page: ada }).withTags(RULES).analyze();
      const obstacles = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      expect.soft(obstacles, path).toEqual([]);
    }
  });
}
