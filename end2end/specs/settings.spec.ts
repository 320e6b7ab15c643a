import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import { type Page, expect, test } from '../support/test';

const NO_SCRIPT = { javaScriptEnabled: false };

async function publish(page: Page, title: string): Promise<void> {
  await page.goto('/posts/new');
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Text', { exact: true }).fill('Some words.');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

/** What a ZIP archive has in it, by the list at its end. */
function entries(zip: Buffer): Array<{ name: string; read: () => string }> {
  const found = [];
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 46)) {
    const [isPacked, size] = [zip.readUInt16LE(at + 10) !== 0, zip.readUInt32LE(at + 20)];
    const name = zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28));
    const head = zip.readUInt32LE(at + 42);
    const start = head + 30 + zip.readUInt16LE(head + 26) + zip.readUInt16LE(head + 28);
    const data = zip.subarray(start, start + size);
    found.push({ name, read: () => (isPacked ? inflateRawSync(data) : data).toString('utf8') });
  }
  return found;
}

for (const options of [{}, NO_SCRIPT]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`French is chosen and goes on speaking, ${how} script`, async ({ member }) => {
    const ada = await member('ada', options);
    await ada.goto('/settings/appearance');
    await expect(ada.locator('html')).toHaveAttribute('lang', 'en');
    await ada.getByLabel('Language').selectOption('Français');
    await ada.getByLabel('Language').locator('xpath=ancestor::form').getByRole('button').click();
    await expect(ada.getByRole('heading', { name: 'Langue' })).toBeVisible();
    for (const [path, heading] of [['/drafts', 'Brouillons'], ['/settings/appearance', 'Apparence']]) {
      await ada.goto(path as string);
      await expect(ada.locator('html')).toHaveAttribute('lang', 'fr');
      await expect(ada.getByRole('heading', { name: heading as string })).toBeVisible();
    }
    await ada.getByLabel('Langue').selectOption('English');
    await ada.getByLabel('Langue').locator('xpath=ancestor::form').getByRole('button').click();
    await expect(ada.getByRole('heading', { name: 'Language' })).toBeVisible();
  });

  test(`everything of one's own is taken home in one file, ${how} script`, async ({ member }) => {
    const ada = await member('ada', options);
    await publish(ada, 'On kilns');
    await ada.goto('/settings/account');
    const coming = ada.waitForEvent('download');
    await ada.getByRole('link', { name: 'Download everything' }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe('spherespace.zip');
    const file = await readFile(await download.path());
    const names = entries(file).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['account.json', 'posts.json', 'comments.json', 'following.json']));
    const posts = entries(file).find(({ name }) => name === 'posts.json');
    expect(posts?.read()).toContain('On kilns');
  });
}
