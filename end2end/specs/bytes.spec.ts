import { readFileSync, writeFileSync } from 'node:fs';
import { type Page, expect, test } from '../support/test';

// The first load of a page, cold, in brotli: bytes of the bodies by type, against the figures that
// were accepted last (bytes.json). `make bytes-accept` accepts today's.

const ACCEPTED = new URL('../bytes.json', import.meta.url);
const GROWTH = 1.02;
const PLAIN_PAGES = ['/', '/login', '/signup'];
const ROOM = '/chat/global';
// One program for the global room, people and groups: menu, answers, reactions, ticks and typing are in it.
const ROOM_CEILING = 180_000;

const KINDS = ['html', 'css', 'js', 'wasm', 'other', 'total'] as const;
type Bytes = Record<(typeof KINDS)[number], number>;

function kindOf(mime: string): keyof Bytes {
  if (mime.includes('html')) return 'html';
  if (mime.includes('css')) return 'css';
  if (mime.includes('javascript')) return 'js';
  return mime.includes('wasm') ? 'wasm' : 'other';
}

async function firstLoad(page: Page, path: string): Promise<Bytes> {
  const bytes: Bytes = { html: 0, css: 0, js: 0, wasm: 0, other: 0, total: 0 };
  const heads = new Map<string, { kind: keyof Bytes; length: number }>();
  const plain: string[] = [];
  const session = await page.context().newCDPSession(page);
  session.on('Network.responseReceived', ({ requestId, response }) => {
    const kind = kindOf(response.mimeType);
    heads.set(requestId, { kind, length: response.encodedDataLength });
    const encoding = Object.entries(response.headers).find(([name]) => /^content-encoding$/i.test(name));
    if (kind !== 'other' && encoding?.[1] !== 'br') plain.push(response.url);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const head = heads.get(requestId);
    if (!head) return;
    bytes[head.kind] += encodedDataLength - head.length;
    bytes.total += encodedDataLength - head.length;
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto(path, { waitUntil: 'networkidle' });
  if (path === ROOM) await expect(page.locator('html[data-hydrated]')).toBeAttached();
  expect(plain, 'sent without brotli').toEqual([]);
  return bytes;
}

function table(measured: Record<string, Bytes>): string {
  const line = (cells: unknown[]) => cells.map((cell, at) => (at ? String(cell).padStart(9) : String(cell).padEnd(14))).join('');
  const rows = Object.entries(measured).map(([path, bytes]) => line([path, ...KINDS.map((kind) => bytes[kind])]));
  return [line(['brotli bytes', ...KINDS]), ...rows].join('\n');
}

function grown(measured: Record<string, Bytes>, accepted: Record<string, Bytes>): string[] {
  return Object.entries(measured).flatMap(([path, bytes]) =>
    KINDS.flatMap((kind) => {
      const limit = accepted[path]?.[kind];
      if (limit === undefined) return [`${path} ${kind}: no accepted figure; make bytes-accept`];
      return bytes[kind] > limit * GROWTH ? [`${path} ${kind}: ${bytes[kind]}, accepted ${limit}`] : [];
    }),
  );
}

test('the first load of a page has not grown', async ({ visit }) => {
  const measured: Record<string, Bytes> = {};
  for (const path of [...PLAIN_PAGES, ROOM]) {
    const page = await visit();
    measured[path] = await firstLoad(page, path);
    await page.context().close();
  }
  console.log(table(measured));

  for (const path of PLAIN_PAGES) expect(measured[path]?.wasm, `WASM on ${path}`).toBe(0);
  expect(measured[ROOM]?.total).toBeLessThanOrEqual(ROOM_CEILING);
  if (process.env.BYTES_ACCEPT) {
    writeFileSync(ACCEPTED, `${JSON.stringify(measured, null, 2)}\n`);
  } else {
    expect(grown(measured, JSON.parse(readFileSync(ACCEPTED, 'utf8')))).toEqual([]);
  }
});
