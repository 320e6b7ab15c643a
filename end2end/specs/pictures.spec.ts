import AxeBuilder from '@axe-core/playwright';
import { png } from '../support/png';
import { CONNECTION_LOST, type Page, REFUSED, expect, test } from '../support/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const CUP = { name: 'cup.png', mimeType: 'image/png', buffer: png(900, 600) };

async function obstacles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

const text = (page: Page) => page.getByLabel('Text', { exact: true });

/** A file that comes with an event of the browser, as the clipboard or a hand brings it. */
async function bring(page: Page, event: 'paste' | 'drop', file = CUP): Promise<void> {
  const bytes = file.buffer.toString('base64');
  await text(page).evaluate((box, { event, name, type, bytes }) => {
    const data = new DataTransfer();
    const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
    data.items.add(new File([content], name, { type }));
    const options = { bubbles: true, cancelable: true };
    box.dispatchEvent(event === 'paste'
      ? new ClipboardEvent('paste', { ...options, clipboardData: data })
      : new DragEvent('drop', { ...options, dataTransfer: data }));
  }, { event, name: file.name, type: file.mimeType, bytes });
}

async function write(page: Page, title: string): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
}

test('a picture is pasted or dropped into a text, described by typing, and seen by readers', async ({ member, visit }) => {
  const ada = await member('ada');
  await write(ada, 'Two cups');
  await text(ada).fill('Before');
  await bring(ada, 'paste');
  await expect(text(ada)).toHaveValue(/^Before\n!\[What the picture shows\]\(\/media\/[0-9a-f-]+\/1600\.webp\)\n$/);
  await ada.keyboard.type('A green cup');
  await expect(text(ada)).toHaveValue(/!\[A green cup\]\(\/media\//);
  await expect(ada.locator('#preview img')).toHaveAttribute('alt', 'A green cup');
  await text(ada).press('Control+End');
  await bring(ada, 'drop');
  await expect(ada.locator('#preview img')).toHaveCount(2);
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada).toHaveURL(/\/posts\/two-cups$/);

  const guest = await visit();
  await guest.goto('/posts/two-cups');
  const cup = guest.getByRole('img', { name: 'A green cup' });
  await expect(cup).toHaveAttribute('width', '900');
  await expect.poll(() => cup.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
});

test('a picture whose connection is cut goes on where it was', async ({ member, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await write(ada, 'Cut off');
  const offsets: number[] = [];
  const half = Math.floor(CUP.buffer.length / 2);
  await ada.route('**/api/uploads/*', async (route, request) => {
    if (request.method() !== 'PATCH') return route.continue();
    offsets.push(Number(request.headers()['upload-offset']));
    if (offsets.length > 1) return route.continue();
    // Half of it arrives.
    const headers = { ...request.headers(), 'content-length': String(half) };
    const sent = await route.fetch({ headers, postData: CUP.buffer.subarray(0, half) });
    expect(sent.status()).toBe(204);
    await route.abort('connectionreset');
  });
  await ada.locator('#text-pictures').setInputFiles(CUP);
  await expect(ada.locator('#preview img')).toHaveCount(1);
  expect(offsets).toEqual([0, half]);
});

test('what is no picture is said so, what fails is tried again, and what is not wanted leaves the text', async ({ member, complaints }) => {
  complaints.tolerate(...REFUSED);
  const ada = await member('ada');
  await write(ada, 'Refused');
  await text(ada).fill('Words');
  const list = ada.locator('#text-uploads');
  await ada.locator('#text-pictures').setInputFiles({ name: 'x.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') });
  await expect(list.getByText('This is not a JPEG, PNG, WebP or GIF picture.')).toBeVisible();
  await list.getByRole('button', { name: 'Cancel: x.svg' }).click();
  await expect(text(ada)).not.toHaveValue(/!\[/);

  let refused = true;
  await ada.route('**/api/uploads/', (route) => (refused ? route.fulfill({ status: 403, json: {} }) : route.continue()));
  await bring(ada, 'paste');
  await expect(list.getByText('The picture was not taken.')).toBeVisible();
  refused = false;
  await list.getByRole('button', { name: 'Cancel: cup.png' }).click();
  await bring(ada, 'paste', { ...CUP, buffer: Buffer.from('<html>') });
  await expect(list.getByText('This is not a JPEG, PNG, WebP or GIF picture.')).toBeVisible();

  await ada.route('**/api/uploads/*', () => undefined);
  await bring(ada, 'paste');
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada.getByText('Pictures are still on their way.')).toBeVisible();
  await expect(ada).toHaveURL(/\/(new|edit)$/);
});

test('a cover is sent, shown, described and taken away', async ({ member }) => {
  const ada = await member('ada');
  await write(ada, 'Covered');
  await text(ada).fill('Words');
  await ada.getByLabel('Choose a picture').setInputFiles(CUP);
  await expect(ada.locator('.cover-field__picture')).toBeVisible();
  await ada.getByLabel('Description of the picture').fill('A shelf of cups');
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada.getByRole('img', { name: 'A shelf of cups' })).toBeVisible();
  await ada.goto('/');
  await expect(ada.getByRole('article').getByRole('img', { name: 'A shelf of cups' })).toBeVisible();
});

test('without script a cover goes with the form', async ({ member }) => {
  const ada = await member('ada', { javaScriptEnabled: false });
  await write(ada, 'Plain cover');
  await text(ada).fill('Words');
  await ada.getByLabel('Choose a picture').setInputFiles(CUP);
  await ada.getByLabel('Description of the picture').fill('A shelf of cups');
  await ada.getByRole('button', { name: 'Preview' }).click();
  await expect(ada.locator('.cover-field__picture')).toBeVisible();
  await ada.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(ada.getByRole('img', { name: 'A shelf of cups' })).toBeVisible();
  await ada.getByRole('link', { name: 'Edit' }).click();
  await ada.getByLabel('Remove the cover picture').check();
  await ada.getByRole('button', { name: 'Save changes' }).click();
  await expect(ada.getByRole('heading', { level: 1, name: 'Plain cover' })).toBeVisible();
  await expect(ada.getByRole('img', { name: 'A shelf of cups' })).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious where pictures are, ${colorScheme}`, async ({ member }) => {
    const ada = await member('ada', { colorScheme, reducedMotion: 'reduce' });
    await ada.goto('/communities/new');
    await ada.getByLabel('Name').fill('Tea');
    await ada.getByLabel('Icon').setInputFiles(CUP);
    await ada.getByLabel('Cover picture').setInputFiles(CUP);
    expect.soft(await obstacles(ada), 'a new community').toEqual([]);
    await ada.getByRole('button', { name: 'Make the community' }).click();
    await expect(ada.getByRole('heading', { level: 1, name: 'Tea' })).toBeVisible();
    await write(ada, 'With pictures');
    await text(ada).fill('Words');
    await ada.getByLabel('Choose a picture').setInputFiles(CUP);
    await expect(ada.locator('.cover-field__picture')).toBeVisible();
    await bring(ada, 'paste', { ...CUP, mimeType: 'image/bmp' });
    await expect(ada.locator('.upload--refused')).toBeVisible();
    expect.soft(await obstacles(ada), 'the editor').toEqual([]);
    await ada.getByRole('button', { name: 'Cancel: cup.png' }).click();
    await bring(ada, 'paste');
    await expect(ada.locator('#preview img')).toHaveCount(1);
    await ada.getByRole('combobox', { name: 'Community', exact: true }).selectOption('Tea');
    await ada.getByRole('button', { name: 'Publish', exact: true }).click();
    await expect(ada.getByRole('heading', { level: 1, name: 'With pictures' })).toBeVisible();
    for (const page of ['/', '/posts/with-pictures', '/c/tea', '/c/tea/manage', '/communities']) {
      await ada.goto(page);
      expect.soft(await obstacles(ada), page).toEqual([]);
    }
  });
}
