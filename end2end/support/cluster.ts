import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Server, freePort } from './server';

// Both scripts end with the pipe from this process, however it ends, and say in one line when they are ready.

/** `$1` is the folder of the binaries. Only a unix socket: no port can be taken or in the way. */
const POSTGRES = `
set -eu
home=$(mktemp -d /tmp/spherespace-postgres.XXXXXX)
cd "$home"
trap 'rm -rf "$home"' EXIT
trap '' INT HUP TERM
{
  "$1/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C data
  printf "listen_addresses = ''\\nunix_socket_directories = '%s'\\nshared_buffers = 16MB\\n" "$home" >>data/postgresql.conf
  "$1/pg_ctl" --pgdata=data --log=log --wait --timeout=60 start
} >starting 2>&1 || { cat starting log >&2; exit 1; }
echo "$home"
read -r _ || true
"$1/pg_ctl" --pgdata=data --mode=immediate stop >/dev/null 2>&1
`;

/** `$1` is the port. */
const REDIS = `
redis-server --bind 127.0.0.1 --port "$1" --save '' --appendonly no --daemonize no >/dev/null 2>&1 &
until redis-cli -p "$1" ping >/dev/null 2>&1; do :; done
echo ready
read -r _ || true
kill -KILL $! 2>/dev/null
`;

/** Two nodes of one site, with a Postgres and a Redis of their own. */
export class Cluster {
  private constructor(
    readonly one: Server,
    readonly two: Server,
    private readonly shells: ChildProcess[],
  ) {}

  static async start(): Promise<Cluster> {
    const port = await freePort();
    const postgres = await ready(asMortal(POSTGRES, 'postgres', binaries()));
    const redis = await ready(spawn('sh', ['-c', REDIS, 'redis', String(port)]));
    const settings = {
      DATABASE_URL: `postgres://postgres@localhost/postgres?host=${postgres.line}`,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      SECRET_KEY: randomBytes(32).toString('hex'),
    };
    // One after the other: the first one makes the tables.
    const one = await Server.create(settings);
    return new Cluster(one, await Server.create(settings), [postgres.shell, redis.shell]);
  }

  async dispose(): Promise<void> {
    await Promise.all([this.one.dispose(), this.two.dispose()]);
    for (const shell of this.shells) shell.stdin?.end();
  }
}

/** The first line that a script says. */
async function ready(shell: ChildProcess): Promise<{ shell: ChildProcess; line: string }> {
  if (!shell.stdout || !shell.stderr) throw new Error('a shell without pipes');
  let cause = '';
  shell.stderr.on('data', (chunk) => (cause += String(chunk)));
  for await (const line of createInterface({ input: shell.stdout })) return { shell, line };
  throw new Error(`it did not start:\n${cause}`);
}

/** Postgres refuses to run as root, so root steps down to the account that its package made. */
function asMortal(script: string, ...args: string[]): ChildProcess {
  const command = ['sh', '-c', script, ...args];
  const down = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
  const [first, ...rest] = process.getuid?.() === 0 ? [...down, ...command] : command;
  return spawn(first as string, rest, { cwd: '/' });
}

/** What `PATH` names, then packages, the newest version before the others. */
function binaries(): string {
  const versions = (parent: string, prefix: string) =>
    existsSync(parent) ? readdirSync(parent).filter((name) => name.startsWith(prefix)).map((name) => join(parent, name, 'bin')) : [];
  const packaged = [
    ...versions('/usr/lib/postgresql', ''),
    ...versions('/opt/homebrew/opt', 'postgresql'),
    ...versions('/usr/local/opt', 'postgresql'),
  ];
  const folders = [...packaged.sort().reverse(), ...(process.env.PATH ?? '').split(delimiter)];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (!found) throw new Error('This test needs Postgres, and it was not found (Debian: apt-get install postgresql)');
  return found;
}
