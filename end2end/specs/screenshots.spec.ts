import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CONNECTION_LOST, type Page, expect, test } from '../support/test';
import { Person } from '../support/api';
import { log, messageBox, openRoom, row, send } from '../support/pages';
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
  await page.screenshot({ path: `${IMAGES}${name}.png`, animations: 'disabled', caret: 'hide' });
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
