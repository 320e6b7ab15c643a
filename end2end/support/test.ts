import {
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  expect,
  test as base,
} from '@playwright/test';
import { signUp } from './pages';
import { Server } from './server';

/** What the browsers of a test complained about: none may, unless the test says which complaint is its point. */
export class Complaints {
  private readonly tolerated: RegExp[] = [];
  private readonly heard: string[] = [];

  tolerate(...patterns: RegExp[]): void {
    this.tolerated.push(...patterns);
  }

  listen(context: BrowserContext): void {
    context.on('weberror', (error) => this.heard.push(`uncaught: ${error.error().message}`));
    context.on('console', (message) => {
      const { url } = message.location();
      if (message.type() === 'error') this.heard.push(`console: ${message.text()} (${url})`);
    });
  }

  unexpected(): string[] {
    return this.heard.filter((text) => !this.tolerated.some((pattern) => pattern.test(text)));
  }
}

/** What Chromium itself prints when a connection is refused or cut. */
export const CONNECTION_LOST = [/WebSocket connection to .* failed/, /net::ERR_/];

/** What Chromium itself prints when a page or a form is refused. */
export const REFUSED = [/the server responded with a status of 4\d\d/];

interface Fixtures {
  /** Environment of the server, over the defaults of `Server`. */
  settings: Record<string, string>;
  /** Whether a demonstration is in its database. */
  isPlayed: boolean;
  server: Server;
  complaints: Complaints;
  /** A new browser window with cookies of its own. */
  visit: (options?: BrowserContextOptions) => Promise<Page>;
  /** The same, signed up as `username`. */
  member: (username: string, options?: BrowserContextOptions) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  isPlayed: [false, { option: true }],

  server: async ({ settings, isPlayed }, use, info) => {
    const server = await Server.create(settings, isPlayed);
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server log', { body: server.output(), contentType: 'text/plain' });
    }
    await server.dispose();
  },

  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.unexpected(), 'errors in a browser').toEqual([]);
  },

  visit: async ({ browser, server, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      contexts.push(context);
      complaints.listen(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  member: async ({ visit }, use) => {
    await use(async (username, options) => {
      const page = await visit(options);
      await signUp(page, username);
      return page;
    });
  },
});

export { expect };
export type { Locator, Page } from '@playwright/test';
