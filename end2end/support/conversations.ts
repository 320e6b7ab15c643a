import { type Locator, type Page, expect } from '@playwright/test';
import { row, send, stored } from './pages';

/** Opens the conversation with somebody, who is found by name. */
export async function writeTo(page: Page, name: string): Promise<void> {
  await page.goto('/chat/new');
  await page.getByLabel('Find people by username').fill(name);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('button', { name: `Write to ${name}`, exact: true }).click();
  await alive(page);
}

/** The conversation answers to clicks. */
export async function alive(page: Page): Promise<void> {
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await expect(page.getByRole('log')).toBeVisible();
}

/** Two who write to each other, with one message each. */
export async function acquaint(one: Page, other: Page, name: string): Promise<void> {
  await writeTo(one, name);
  await send(one, 'hello');
  await expect(stored(one, 'hello')).toBeVisible();
  await other.goto('/chat/requests');
  await other.getByRole('button', { name: 'Accept' }).click();
  await alive(other);
  await send(other, 'hi');
  await expect(stored(one, 'hi')).toBeVisible();
}

export async function openMenu(page: Page, seq: number): Promise<void> {
  const more = row(page, seq).getByRole('link', { name: /What to do/ });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
}

export function list(page: Page): Locator {
  return page.getByRole('navigation', { name: 'Conversations' });
}
