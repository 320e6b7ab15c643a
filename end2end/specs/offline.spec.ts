import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONNECTION_LOST, type Page, expect, test as base } from '../support/test';
import { Person } from '../support/api';
import { OwnBrowser } from '../support/own-browser';
import { log, messageBox, openRoom, send, shown, signUp, stored, texts } from '../support/pages';

/** Opens the same person's browser again and again: one profile on the disk. */
const test = base.extend<{ openOwn: () => Promise<OwnBrowser> }>({
  openOwn: async ({}, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'spherespace-profile-'));
    const opened: OwnBrowser[] = [];
    await use(async () => {
      const browser = await OwnBrowser.open(profile);
      opened.push(browser);
      return browser;
    });
    for (const browser of opened) await browser.crash();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  },
});

const SAID = ['first, offline', 'second, offline', 'third, offline'];

/** How many things the page has put away in its databases, whatever they are called. */
function putAway(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const finished = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    let count = 0;
    for (const { name } of await indexedDB.databases()) {
      const database = await finished(indexedDB.open(name as string));
      for (const store of database.objectStoreNames) {
        count += await finished(database.transaction(store).objectStore(store).count());
      }
      database.close();
    }
    return count;
  });
}

async function sendWhileOffline(page: Page): Promise<void> {
  for (const [index, text] of SAID.entries()) {
    await send(page, text);
    await expect(log(page).locator('.message--pending')).toHaveCount(index + 1);
    await expect(messageBox(page)).toBeEnabled();
    await expect(messageBox(page)).toHaveValue('');
  }
}

test('what is sent offline waits in sight and arrives in order when the line is back', async ({ member, complaints, server }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await openRoom(ada);
  await ada.context().setOffline(true);
  await sendWhileOffline(ada);
  await expect(ada.locator('.connection-bar[data-state=offline]')).toBeVisible();
  await expect(ada.getByText(/^You are offline/)).toHaveCount(1);
  await expect(ada.locator('.presence-count')).toBeHidden();

  await ada.context().setOffline(false);
  await expect.poll(() => texts(ada), { timeout: 20_000 }).toEqual(SAID);
  await expect(log(ada).locator('.message--pending')).toHaveCount(0);

  const observer = await Person.signUp(server, 'observer');
  expect((await observer.history()).map(({ content }) => content)).toEqual(SAID);
});

test('offline, three sends, a crash, online again: three messages, in order, once', async ({ openOwn, server }) => {
  const first = await openOwn();
  await signUp(first.page, 'ada', server.url);
  await first.close(); // Chromium writes cookies to the disk when it is closed

  const second = await openOwn();
  await openRoom(second.page, server.url);
  await second.context.setOffline(true);
  await sendWhileOffline(second.page);
  await expect.poll(() => putAway(second.page)).toBeGreaterThanOrEqual(SAID.length);
  await second.crash();

  const third = await openOwn();
  await openRoom(third.page, server.url);
  await expect(stored(third.page)).toHaveCount(SAID.length, { timeout: 20_000 });
  const observer = await Person.signUp(server, 'observer');
  const history = (await observer.history()).map(({ seq, content }) => ({ seq, content }));
  expect(history.map(({ content }) => content)).toEqual(SAID);
  await expect.poll(() => shown(third.page)).toEqual(history);
});

test('a reload loses nothing that was waiting', async ({ member, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  await openRoom(ada);
  await ada.context().setOffline(true);
  await sendWhileOffline(ada);
  await expect.poll(() => putAway(ada)).toBeGreaterThanOrEqual(SAID.length);
  await ada.goto('about:blank');
  await ada.context().setOffline(false);
  await openRoom(ada);
  await expect.poll(() => texts(ada), { timeout: 20_000 }).toEqual(SAID);
});
