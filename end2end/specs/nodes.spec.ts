import { CONNECTION_LOST, expect, test as base } from '../support/test';
import { Cluster } from '../support/cluster';
import { acquaint, alive, list } from '../support/conversations';
import { messageBox, openRoom, send, shown, stored, texts } from '../support/pages';

/** Two nodes; the first one is what a page opens that names none. */
const test = base.extend<{ cluster: Cluster }>({
  cluster: async ({}, use) => {
    const cluster = await Cluster.start();
    await use(cluster);
    await cluster.dispose();
  },
  server: async ({ cluster }, use) => use(cluster.one),
});

test('three browsers on two nodes hear one order, and lose nothing when a node dies', async ({ member, cluster, complaints }) => {
  test.setTimeout(180_000);
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  const bob = await member('bob', { baseURL: cluster.two.url });
  const cyd = await member('cyd');
  const everybody = [ada, bob, cyd];
  for (const page of everybody) await openRoom(page);
  for (const page of everybody) await expect(page.locator('.presence-count').first()).toContainText(/\b3\b/);

  for (let round = 0; round < 3; round += 1) {
    await Promise.all([send(ada, `ada ${round}`), send(bob, `bob ${round}`), send(cyd, `cyd ${round}`)]);
  }
  for (const page of everybody) await expect(stored(page)).toHaveCount(9);
  const order = await texts(ada);
  for (const page of [bob, cyd]) expect(await texts(page)).toEqual(order);

  await cluster.two.kill();
  await send(ada, 'while two is dead');
  await send(bob, 'waiting for two');
  await expect(stored(cyd, 'while two is dead')).toBeVisible();
  await cluster.two.start();
  for (const page of everybody) {
    await expect(stored(page, 'waiting for two')).toHaveCount(1, { timeout: 40_000 });
    await expect(stored(page, 'while two is dead')).toHaveCount(1);
    expect((await shown(page)).map(({ seq }) => seq)).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
  }
});

test('two people on two nodes see each other type, read and come', async ({ member, cluster }) => {
  test.setTimeout(120_000);
  const ada = await member('ada');
  const bob = await member('bob', { baseURL: cluster.two.url });
  await acquaint(ada, bob, 'bob');
  await expect(ada.locator('#chat-head').getByText('Online')).toBeVisible();
  await messageBox(bob).pressSequentially('wait');
  await expect(ada.getByText('bob is typing…')).toBeVisible();
  await send(ada, 'seen?');
  await expect(ada.locator('.message--own').last().locator('.tick[data-seen]')).toBeVisible();
  await bob.goto('/chat/global');
  await alive(bob);
  await send(ada, 'and unread there');
  await expect(list(bob).getByRole('link', { name: /ada/ })).toContainText('1 unread message');
});
