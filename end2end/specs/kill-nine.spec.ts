import { randomUUID } from 'node:crypto';
import { CONNECTION_LOST, expect, test } from '../support/test';
import { Person, Refused } from '../support/api';
import { openRoom, send, shown, stored } from '../support/pages';
import type { Server } from '../support/server';

const ENOUGH = 60;

/** Somebody who never stops talking: what is not acknowledged is sent again under the same key. */
class Talker {
  readonly acknowledged: string[] = [];
  private stopped = false;

  constructor(
    private readonly person: Person,
    /** Settles when the server is worth asking. */
    private readonly available: () => Promise<void>,
  ) {}

  async talk(): Promise<void> {
    for (let count = 1; !this.stopped; count += 1) {
      const clientId = randomUUID();
      await this.insist(`${this.person.username} ${count}`, clientId);
      this.acknowledged.push(clientId);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private async insist(content: string, clientId: string): Promise<void> {
    for (;;) {
      await this.available();
      try {
        await this.person.post(content, clientId);
        return;
      } catch (error) {
        if (error instanceof Refused) throw error; // anything else is a line that broke
      }
    }
  }
}

/** Kills the server under load and starts it again; what is said in between waits for it. */
class Outage {
  private up: Promise<void> = Promise.resolve();
  readonly available = () => this.up;

  constructor(private readonly server: Server) {}

  async strike(meanwhile: () => Promise<void>): Promise<void> {
    let restored = () => {};
    this.up = new Promise((resolve) => (restored = resolve));
    await this.server.kill();
    await meanwhile();
    await this.server.start();
    restored();
  }
}

test('kill -9 under load: every acknowledged message is there once, every browser catches up', async ({ member, server, complaints }) => {
  complaints.tolerate(...CONNECTION_LOST);
  const ada = await member('ada');
  const bob = await member('bob');
  await openRoom(ada);
  await openRoom(bob);

  const outage = new Outage(server);
  const people = await Promise.all(['talker-a', 'talker-b', 'talker-c'].map((name) => Person.signUp(server, name)));
  const talkers = people.map((person) => new Talker(person, outage.available));
  const acknowledged = () => talkers.flatMap((talker) => talker.acknowledged);
  const talk = Promise.all(talkers.map((talker) => talker.talk()));

  await expect.poll(() => acknowledged().length).toBeGreaterThan(ENOUGH);
  const before = acknowledged().length;
  await outage.strike(() => send(ada, 'said while the server was dead'));
  await expect.poll(() => acknowledged().length).toBeGreaterThan(before + ENOUGH);
  for (const talker of talkers) talker.stop();
  await talk;

  const witness = people[0] as Person;
  const inRoom = async () => (await witness.history()).filter(({ content }) => content === 'said while the server was dead');
  await expect.poll(async () => (await inRoom()).length, { timeout: 30_000 }).toBe(1);

  const history = await witness.history();
  const keys = history.map(({ client_id }) => client_id);
  expect(new Set(keys).size, 'no message is there twice').toBe(keys.length);
  expect(acknowledged().filter((key) => !keys.includes(key)), 'acknowledged but lost').toEqual([]);
  expect(history.map(({ seq }) => seq), 'no hole in the numbers').toEqual(history.map((_, index) => index + 1));

  const last = history.map(({ seq, content }) => ({ seq, content }));
  for (const page of [ada, bob]) {
    await expect(stored(page).last()).toHaveAttribute('data-seq', String(last.length), { timeout: 30_000 });
    await expect.poll(async () => (await shown(page)).length).toBeGreaterThanOrEqual(50);
    await expect
      .poll(async () => {
        const rows = await shown(page);
        return JSON.stringify(rows) === JSON.stringify(last.slice(-rows.length));
      })
      .toBe(true);
  }
});
