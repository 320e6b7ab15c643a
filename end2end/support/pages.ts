import { type Locator, type Page, expect } from '@playwright/test';
import { PASSWORD } from './api';

/** A field of a form, by the name that the form and the API share. */
export function field(page: Page, name: 'username' | 'email' | 'password' | 'password_confirm'): Locator {
  return page.getByRole('main').locator(`input[name=${name}]`);
}

export async function fillSignUp(page: Page, username: string, password = PASSWORD): Promise<void> {
  await field(page, 'username').fill(username);
  await field(page, 'password').fill(password);
  await field(page, 'password_confirm').fill(password);
}

/** `site` is needed only in a window without a base address of its own. */
export async function signUp(page: Page, username: string, site = ''): Promise<void> {
  await page.goto(`${site}/signup`);
  await fillSignUp(page, username);
  await page.getByRole('button', { name: /^(Create account|Créer un compte)$/ }).click();
  await expect(page).not.toHaveURL(/signup/);
}

export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  if (!page.url().includes('/login')) await page.goto('/login');
  await field(page, 'username').fill(username);
  await field(page, 'password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  // It is sent in the background: what comes of it is another page, or a fault in this one.
  const outcome = page.locator('body:not(:has(.auth)), .auth [aria-invalid=true], .auth .notice');
  await expect(outcome.first()).toBeAttached();
}

/** The way out stands in the account's menu, which opens without script too. */
export async function signOut(page: Page): Promise<void> {
  await page.locator('summary[aria-label^="Account of"]').click();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('link', { name: /^Sign in/ }).first()).toBeVisible();
}

/** On the list of devices: signs every other one out, one after the other. */
export async function signOutOthers(page: Page): Promise<void> {
  await page.goto('/settings/sessions');
  const others = page.getByRole('main').getByRole('listitem').getByRole('button', { name: /^Sign out/ });
  await expect(others.first()).toBeVisible();
  for (let left = await others.count(); left > 0; left -= 1) {
    await others.first().click();
    await expect(others).toHaveCount(left - 1);
  }
}

/** Goes on with Tab until an element has the keyboard. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const wanted = page.locator(selector).first();
  await expect(wanted).toBeAttached();
  for (let step = 0; step < 60; step += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reaches ${selector}`);
}

/** The global room, once it answers to clicks. */
export async function openRoom(page: Page, site = ''): Promise<void> {
  await page.goto(`${site}/chat/global`);
  await expect(page.getByRole('heading', { name: 'Global room' })).toBeVisible();
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
}

export function messageBox(page: Page): Locator {
  return page.getByLabel('Message', { exact: true });
}

export async function send(page: Page, text: string): Promise<void> {
  await messageBox(page).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

export function log(page: Page): Locator {
  return page.getByRole('log');
}

/** Stored messages on the screen; those still on their way have no number. */
export function stored(page: Page, text?: string): Locator {
  const rows = log(page).locator('[data-seq]');
  if (text === undefined) return rows;
  return rows.filter({ has: page.locator('.message__bubble').getByText(text, { exact: true }) });
}

export function row(page: Page, seq: number): Locator {
  return log(page).locator(`[data-seq="${seq}"]`);
}

/** The numbers and texts that a browser shows, from the top. */
export function shown(page: Page): Promise<Array<{ seq: number; content: string }>> {
  return stored(page).evaluateAll((rows) =>
    rows.map((each) => ({
      seq: Number(each.getAttribute('data-seq')),
      content: each.querySelector('.message__bubble')?.textContent?.trim() ?? '',
    })),
  );
}

export async function texts(page: Page): Promise<string[]> {
  return (await shown(page)).map(({ content }) => content);
}

/** When `text` first stands in the log, on this machine's clock. */
export function timeSeen(page: Page, text: string): Promise<number> {
  return log(page).evaluate(
    (element, wanted) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (element.textContent?.includes(wanted)) resolve(Date.now());
        };
        new MutationObserver(look).observe(element, {
          childList: true,
          subtree: true,
          characterData: true,
        });
        look();
      }),
    text,
  );
}

/** Whichever of the log and its ancestors scrolls. */
export async function scroller(page: Page): Promise<Locator> {
  await log(page).evaluate((start) => {
    const scrolls = (element: Element) =>
      element.scrollHeight > element.clientHeight + 1 &&
      /auto|scroll/.test(getComputedStyle(element).overflowY);
    let element: Element | null = start;
    while (element && !scrolls(element)) element = element.parentElement;
    (element ?? document.documentElement).setAttribute('data-test-scroller', '');
  });
  return page.locator('[data-test-scroller]');
}
