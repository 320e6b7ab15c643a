import AxeBuilder from '@axe-core/playwright';
import { png } from '../support/png';
import { type Locator, type Page, REFUSED, expect, test } from '../support/test';
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

/** The colour in the middle of a picture: red, green, blue and how solid it is. */
const middle = (picture: Locator): Promise<number[]> =>
  picture.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const brush = canvas.getContext('2d');
    brush?.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
    return [...(brush?.getImageData(0, 0, 1, 1).data ?? [])];
  });

test('the part of a picture that is shown is chosen by hand or with the keyboard', async ({ member }) => {
  const ada = await member('ada');
  await ada.goto('/settings/profile');
  const field = ada.getByLabel('Picture', { exact: true });
  const form = ada.locator('form', { has: field });
  await expect(form.locator('.crop')).toBeHidden();
  // Its red grows from left to right.
  await field.setInputFiles({ name: 'wide.png', mimeType: 'image/png', buffer: png(900, 300) });
  const left = form.getByLabel('Part of the picture, left to right');
  await expect(form.locator('canvas')).toBeVisible();
  await left.press('End');
  await expect(form.locator('[name=crop_x]')).toHaveValue('600');
  await expect(form.locator('[name=crop_width]')).toHaveValue('300');
  await form.locator('canvas').scrollIntoViewIfNeeded();
  const box = await form.locator('canvas').boundingBox();
  if (!box) throw new Error('the part is not drawn');
  const [x, y] = [box.x + box.width / 4, box.y + box.height / 2];
  await ada.mouse.move(x, y);
  await ada.mouse.down();
  await ada.mouse.move(x + box.width / 2, y, { steps: 5 });
  await ada.mouse.up();
  await expect.poll(async () => Number(await form.locator('[name=crop_x]').inputValue())).toBeLessThan(460);
  await form.getByLabel('Zoom').press('End');
  await expect.poll(async () => Number(await form.locator('[name=crop_width]').inputValue())).toBeLessThan(80);
  await left.press('End');
  await form.getByRole('button', { name: 'Upload' }).click();
  await expect(ada.getByText('Saved.')).toBeVisible();
  const [red = 0] = await middle(ada.locator('.own-picture .profile__avatar img'));
  expect(red, 'the right end of it').toBeGreaterThan(225);
  // What is no picture has no part, and is refused by the server as before.
  await field.setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
  await expect(form.locator('.crop')).toBeHidden();
});
