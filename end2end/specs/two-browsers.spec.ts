import { type Page, expect, test } from '../support/test';
import { openRoom, send, stored, texts, timeSeen } from '../support/pages';

const PROMISED_MS = 1000;

/** How long `text` takes from the press of Send in one browser to the screen of the other. */
async function latency(from: Page, to: Page, text: string): Promise<number> {
  const seen = timeSeen(to, text);
  const pressed = Date.now();
  await send(from, text);
  return (await seen) - pressed;
}

test('two people talk, each sees the other within a second, in one order', async ({ member }, info) => {
  const ada = await member('ada');
  const bob = await member('bob');
  await openRoom(ada);
  await openRoom(bob);

  for (const [from, to, text] of [
    [ada, bob, 'Hello Bob'],
    [bob, ada, 'Hello Ada'],
    [ada, bob, 'Do you see me?'],
    [bob, ada, 'At once.'],
  ] as const) {
    const took = await latency(from, to, text);
    info.annotations.push({ type: 'latency', description: `${took} ms` });
    expect(took, `"${text}" took ${took} ms`).toBeLessThanOrEqual(PROMISED_MS);
  }

  const said = ['Hello Bob', 'Hello Ada', 'Do you see me?', 'At once.'];
  for (const page of [ada, bob]) await expect.poll(() => texts(page)).toEqual(said);
});

test('two people who write at the same moment see the same order', async ({ member }) => {
  const ada = await member('ada');
  const bob = await member('bob');
  await openRoom(ada);
  await openRoom(bob);

  for (let round = 0; round < 5; round += 1) {
    await Promise.all([send(ada, `ada ${round}`), send(bob, `bob ${round}`)]);
  }
  for (const page of [ada, bob]) await expect(stored(page)).toHaveCount(10);
  expect(await texts(ada)).toEqual(await texts(bob));
});

test('the room says how many are online, and forgets who left', async ({ member }) => {
  const ada = await member('ada');
  const bob = await member('bob');
  await openRoom(ada);
  await openRoom(bob);
  for (const page of [ada, bob]) {
    await expect(page.locator('.presence-count').first()).toContainText(/\b2\b/);
  }
  await bob.context().close();
  await expect(ada.locator('.presence-count').first()).toContainText(/\b1\b/, { timeout: 20_000 });
});
