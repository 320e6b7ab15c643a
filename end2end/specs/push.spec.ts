import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '../support/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SETTINGS = '/settings/notifications';
const ASK = 'Switch on in this browser';

async function obstacles(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}

/**
 * A Chromium under test has no push service to subscribe at, so this one seam is made up: what
 * `PushManager` answers. The keys are those of RFC 8291; nothing is ever sent there.
 */
async function withPushService(page: Page, permission: NotificationPermission = 'granted'): Promise<void> {
  await page.addInitScript((answer) => {
    const subscription = {
      endpoint: 'https://push.example/send/1',
      expirationTime: null,
      keys: {
        p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      },
    };
    let asked: NotificationPermission = 'default';
    Object.defineProperty(Notification, 'permission', { get: () => asked });
    Notification.requestPermission = async () => (asked = answer);
    PushManager.prototype.getSubscription = async () => null;
    PushManager.prototype.subscribe = async (options) => {
      if (new Uint8Array(options?.applicationServerKey as ArrayBuffer).length !== 65) throw new Error('no key');
      return subscription as unknown as PushSubscription;
    };
  }, permission);
}

for (const options of [{}, { javaScriptEnabled: false }]) {
  const how = 'javaScriptEnabled' in options ? 'without' : 'with';

  test(`what reaches one is chosen by kind and way, ${how} script`, async ({ member }) => {
    const ada = await member('ada', options);
    await ada.goto(SETTINGS);
    const likes = ada.getByRole('row', { name: /likes a post of yours/ });
    await expect(likes.getByRole('checkbox')).toHaveCount(3);
    await likes.getByRole('checkbox', { name: /Push$/ }).uncheck();
    await likes.getByRole('checkbox', { name: /Letter$/ }).uncheck();
    await ada.getByLabel('Once a week').check();
    await ada.getByRole('button', { name: 'Save' }).click();
    await expect(ada.getByText('Saved.')).toBeVisible();
    await expect(likes.getByRole('checkbox', { name: /On this site$/ })).toBeChecked();
    await expect(likes.getByRole('checkbox', { name: /Push$/ })).not.toBeChecked();
    await expect(ada.getByLabel('Once a week')).toBeChecked();
    await expect(ada.getByText('You have given no e-mail address yet.')).toBeVisible();
    if (how === 'without') await expect(ada.getByText('To switch on this browser takes JavaScript.')).toBeVisible();
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a browser is asked after a click, listed, and switched off, ${colorScheme}`, async ({ member }) => {
    const ada = await member('ada', { colorScheme, reducedMotion: 'reduce' });
    await withPushService(ada);
    await ada.goto(SETTINGS);
    await expect(ada.getByText('No browser is switched on.')).toBeVisible();
    expect(await ada.evaluate(() => Notification.permission), 'nobody was asked').toBe('default');
    expect.soft(await obstacles(ada)).toEqual([]);
    // What is ticked and not saved stays.
    await ada.getByLabel('Once a day').check();
    await ada.getByRole('button', { name: ASK }).click();
    await expect(ada.getByText('This device')).toBeVisible();
    await expect(ada.getByRole('button', { name: ASK })).toBeHidden();
    await expect(ada.getByLabel('Once a day')).toBeChecked();
    expect.soft(await obstacles(ada)).toEqual([]);
    await ada.getByRole('button', { name: /^Send a test to/ }).click();
    await expect(ada.getByText('A test is on its way.')).toBeVisible();
    await ada.getByRole('button', { name: /^Switch off/ }).click();
    await expect(ada.getByText('No browser is switched on.')).toBeVisible();
    await expect(ada.getByRole('button', { name: ASK })).toBeVisible();
  });
}

test('a refusal and a browser that takes no pushes are said in a sentence', async ({ member }) => {
  const ada = await member('ada');
  await withPushService(ada, 'denied');
  await ada.goto(SETTINGS);
  await ada.getByRole('button', { name: ASK }).click();
  await expect(ada.getByText('You have told this browser to show no notifications', { exact: false })).toBeVisible();
  await expect(ada.getByRole('button', { name: ASK })).toBeHidden();

  const bob = await member('bob');
  await bob.addInitScript(() => Reflect.deleteProperty(window, 'PushManager'));
  await bob.goto(SETTINGS);
  await expect(bob.getByText('This browser takes no pushes.', { exact: false })).toBeVisible();
});

test('a push is shown once and knows its place', async ({ member, server }) => {
  const ada = await member('ada');
  await ada.context().grantPermissions(['notifications'], { origin: server.url });
  await ada.goto('/');
  await expect.poll(() => ada.evaluate(() => Boolean(navigator.serviceWorker.controller))).toBe(true);
  const session = await ada.context().newCDPSession(ada);
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ isDeleted }) => !isDeleted);
      if (own) resolve(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const push = { title: 'bob follows you', url: '/u/ada/followers', tag: 'follow-1' };
  const registrationId = await registered;
  await session.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data: JSON.stringify(push) });
  const shown = () =>
    ada.evaluate(async () => {
      const notifications = await (await navigator.serviceWorker.ready).getNotifications();
      return notifications.map(({ title, tag, data }) => ({ title, tag, url: data.url }));
    });
  await expect.poll(shown).toEqual([{ title: push.title, tag: push.tag, url: `${server.url}${push.url}` }]);
});
