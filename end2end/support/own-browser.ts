import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Browser, type BrowserContext, type Page, chromium } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.mjs';

/** A Chromium with a profile on disk, whose processes can be killed as a crash would. */
export class OwnBrowser {
  private constructor(
    private readonly process: ChildProcess,
    private readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async open(profile: string): Promise<OwnBrowser> {
    const child = spawn(
      chromiumPath(),
      [...CHROMIUM_ARGS, '--lang=en-GB', '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const browser = await chromium.connectOverCDP(await debuggerAddress(child));
    const context = browser.contexts()[0];
    if (!context) throw new Error('the browser has no window');
    return new OwnBrowser(child, browser, context, context.pages()[0] ?? (await context.newPage()));
  }

  /** As a person closes it: everything reaches the disk. */
  async close(): Promise<void> {
    const gone = this.gone();
    const session = await this.browser.newBrowserCDPSession();
    await session.send('Browser.close').catch(() => undefined); // it may be gone before it answers
    await gone;
  }

  /** As a power cut closes it: every process at once, nothing is said to anybody. */
  async crash(): Promise<void> {
    if (this.hasEnded()) return;
    const gone = this.gone();
    process.kill(-(this.process.pid as number), 'SIGKILL');
    await gone;
  }

  private hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  private async gone(): Promise<void> {
    if (!this.hasEnded()) await once(this.process, 'exit');
  }
}

async function debuggerAddress(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error('the browser has no stderr');
  const lines = createInterface({ input: child.stderr });
  for await (const line of lines) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address) {
      lines.close();
      child.stderr.resume();
      return address;
    }
  }
  throw new Error('the browser ended at its start');
}
