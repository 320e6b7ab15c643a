import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';
import { PASSWORD } from './api';

const BINARY = resolve(process.env.SPHERESPACE_BIN ?? '../target/release/spherespace');
const LOG_LINES_KEPT = 400;

/** The release binary with a data folder of its own. It can be killed and started again on both. */
export class Server {
  readonly url: string;
  private process: ChildProcess | undefined;
  private log: string[] = [];

  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly settings: Record<string, string>,
  ) {
    this.url = `http://localhost:${port}`;
  }

  /** Where `isPlayed`, with a demonstration in it, whose visitor has the password of everybody else. */
  static async create(settings: Record<string, string>, isPlayed = false): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'spherespace-'));
    const server = new Server(await freePort(), folder, settings);
    if (isPlayed) {
      const command = ['seed', '--demo', '--password', PASSWORD];
      await promisify(execFile)(BINARY, command, { cwd: folder, env: server.environment() });
    }
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(BINARY, ['serve'], {
      cwd: this.folder, // no .env of the developer's is read there
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    child.once('error', (error) => this.log.push(error.message));
    child.stdout.on('data', (chunk) => this.keep(chunk));
    child.stderr.on('data', (chunk) => this.keep(chunk));
    await expect
      .poll(() => this.readiness(child), { intervals: [20, 50, 100], timeout: 15_000 })
      .not.toBe('starting');
    if (hasExited(child)) throw new Error(`the server ended at its start:\n${this.output()}`);
  }

  /** kill -9: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM, and the server drains; a server that never ends is a failure. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  output(): string {
    return this.log.join('');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.process;
    if (!child || hasExited(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const overdue = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exited;
    clearTimeout(overdue);
    if (child.signalCode === 'SIGKILL' && signal !== 'SIGKILL') {
      throw new Error(`the server did not end within 15 s of SIGTERM:\n${this.output()}`);
    }
  }

  private async readiness(child: ChildProcess): Promise<'starting' | 'ready' | 'ended'> {
    if (hasExited(child)) return 'ended';
    const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
    return answer?.ok ? 'ready' : 'starting';
  }

  private keep(chunk: Buffer): void {
    this.log.push(chunk.toString());
    if (this.log.length > LOG_LINES_KEPT) this.log.shift();
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      BIND_ADDR: `127.0.0.1:${this.port}`,
      PUBLIC_URL: this.url,
      DATABASE_URL: `sqlite://${this.folder}/spherespace.db`,
      DATA_DIR: this.folder,
      MESSAGE_RATE_LIMIT: '0',
      LIMIT_SIGNUPS_PER_MINUTE: '0',
      LIMIT_LOGINS_PER_MINUTE: '0',
      ...this.settings,
    };
  }
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
