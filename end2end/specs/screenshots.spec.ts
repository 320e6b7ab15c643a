import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CONNECTION_LOST, type Page, expect, test } from '../support/test';
import { Person } from '../support/api';
import { log, messageBox, openRoom, row, send, signIn } from '../support/pages';
import type { Server } from '../support/server';

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const WIDTHS = { 390: 844, 1280: 800 } as const;

/** Who says what, as a room of makers would. */
const TALK: Array<[string, string]> = [
  ['amara', 'Morning everyone ☀️'],
  ['amara', 'The second episode is out, the one about market days in Kumasi'],
  ['jonas', 'Listening on the train right now. The sound design in the opening minute!'],
  ['jonas', 'How did you record the rain?'],
  ['amara', 'Two cheap microphones under a tin roof and a lot of patience'],
  ['mei', '😂'],
  ['mei', 'I tried that for a short film once, the neighbours still talk about it'],
  ['tunde', 'Question for the room: do you publish the transcript together with the episode, or later?'],
  ['mei', 'Together. Half of my readers come through search, and they never press play'],
  ['amara', 'Same. And people with hearing loss write to me every single week to say thanks'],
  ['tunde', 'That settles it. Together, then'],
  ['jonas', 'If somebody wants a second pair of eyes on a transcript tonight, I have an hour after eight'],
  ['sofia', 'Yes please! Mine is about glass blowing, twelve minutes'],
  ['sofia', 'I bring cookies 🍪'],
  ['jonas', 'Deal'],
];

async function fill(server: Server): Promise<void> {
  const people = new Map<string, Person>();
  for (const [name, text] of TALK) {
    const person = people.get(name) ?? (await Person.signUp(server, name));
    people.set(name, person);
    await person.post(text);
  }
}

async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  writeFileSync(`${IMAGES}${name}.webp`, await asWebp(page, png));
}

/** A fifth of the size, by the browser's own encoder. In an empty page: ours lets no script in. */
async function asWebp(page: Page, png: Buffer): Promise<Buffer> {
  const empty = await page.context().newPage();
  const base64 = await empty.evaluate(async (source) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    canvas.getContext('2d')?.drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.86).split(',')[1] ?? '';
  }, png.toString('base64'));
  await empty.close();
  return Buffer.from(base64, 'base64');
}

async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
}

async function writeTo(page: Page, name: string, text: string): Promise<void> {
  await page.goto(`/chat/new?q=${name}`);
  await page.getByRole('button', { name: `Write to ${name}` }).click();
  await hydrated(page);
  await send(page, text);
  await expect(log(page).getByText(text)).toBeVisible();
}

async function react(page: Page, seq: number, emoji: string): Promise<void> {
  await page.locator(`[data-seq="${seq}"] .message__more`).click();
  await page.getByRole('dialog').getByRole('button', { name: `React with ${emoji}` }).click();
  await expect(page.locator('.reaction')).toBeVisible();
}

mkdirSync(IMAGES, { recursive: true });

for (const [width, height] of Object.entries(WIDTHS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const options = { viewport: { width: Number(width), height }, colorScheme, reducedMotion: 'reduce' } as const;
    const suffix = `${width}-${colorScheme}`;

    test(`pictures, ${suffix}`, async ({ visit, member, server, complaints }) => {
      complaints.tolerate(...CONNECTION_LOST);
      const guest = await visit(options);
      for (const [path, name] of [['/', 'landing'], ['/signup', 'signup'], ['/login', 'login']] as const) {
        await guest.goto(path, { waitUntil: 'networkidle' });
        await take(guest, `${name}-${suffix}`);
      }

      const lena = await member('lena', options);
      await openRoom(lena);
      await take(lena, `room-empty-${suffix}`);

      await fill(server);
      await openRoom(lena);
      await send(lena, 'I am in for the transcript evening. What time zone is eight?');
      await expect(row(lena, TALK.length + 1)).toBeInViewport();
      await messageBox(lena).blur();
      await take(lena, `room-busy-${suffix}`);

      await lena.context().setOffline(true);
      await send(lena, 'Going through a tunnel, this one will wait');
      await expect(log(lena).locator('.message--pending')).toBeVisible();
      await expect(lena.locator('.connection-bar[data-state=offline]')).toBeVisible();
      await take(lena, `room-offline-${suffix}`);
      await lena.context().setOffline(false);
    });

    test(`pictures of a conversation, ${suffix}`, async ({ member }) => {
      const tunde = await member('tunde', options);
      const lena = await member('lena', options);
      await writeTo(lena, 'tunde', 'Hello Tunde, did you get the rough cut of the new track?');
      await tunde.goto('/chat/requests');
      await take(tunde, `requests-${suffix}`);
      await tunde.getByRole('button', { name: 'Accept' }).click();
      await hydrated(tunde);
      await send(tunde, 'Got it! The bass at 1:40 is perfect');
      await send(tunde, 'Keep it exactly as it is');
      await react(lena, 2, '👍');
      await send(lena, 'I will, thank you!');
      await messageBox(tunde).pressSequentially('And');
      await expect(lena.getByText('tunde is typing')).toBeVisible();
      await messageBox(lena).blur();
      await take(lena, `conversation-${suffix}`);
    });
  }
}

/** Where the visitor of the demonstration looks. */
const PLACES = {
  feed: '/',
  post: '/posts/a-celadon-that-behaves-at-last',
  profile: '/u/wanjiru.k',
  community: '/c/clay-kiln',
  communities: '/communities',
  alerts: '/notifications',
  explore: '/explore',
  search: '/search?q=tango',
  settings: '/settings/profile',
  chats: '/chat',
};

const DRAFT = `At nine the street is *still warm*. You can put your hand on the wall and read the day off it.

- brick keeps it longest
- paint lets it go first

> The best doors are the ones that somebody leans against.`;

test.describe('a place that lives', () => {
  test.use({ isPlayed: true });

  test('pictures of it', async ({ visit }) => {
    test.setTimeout(600_000);
    for (const [width, height] of Object.entries(WIDTHS)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const options = { viewport: { width: Number(width), height }, colorScheme, reducedMotion: 'reduce' } as const;
        const suffix = `${width}-${colorScheme}`;
        const visitor = await visit(options);
        await signIn(visitor, 'demo');
        await expect(visitor).not.toHaveURL(/login/);
        for (const [name, path] of Object.entries(PLACES)) {
          await visitor.goto(path, { waitUntil: 'load' });
          await take(visitor, `${name}-${suffix}`);
        }
        await visitor.goto('/posts/new');
        await visitor.getByLabel('Title', { exact: true }).fill('What a wall remembers');
        await visitor.getByLabel('Text', { exact: true }).fill(DRAFT);
        await expect(visitor.locator('#preview blockquote')).toBeAttached();
        await take(visitor, `editor-${suffix}`);
        await visitor.context().close();
      }
    }
  });
});
