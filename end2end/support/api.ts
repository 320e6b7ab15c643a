import { randomUUID } from 'node:crypto';
import type { Server } from './server';

export const PASSWORD = 'correct horse battery';

export interface StoredMessage {
  id: number;
  seq: number;
  client_id: string;
  sender: { id: string; username: string };
  content: string;
  timestamp: string;
}

/** The server answered, and the answer was no. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    body: string,
  ) {
    super(`${status}: ${body}`);
  }
}

/** Somebody who speaks to the server over REST, without a browser. */
export class Person {
  private constructor(
    private readonly server: Server,
    readonly username: string,
    private readonly token: string,
  ) {}

  static async signUp(server: Server, username: string): Promise<Person> {
    const body = { username, password: PASSWORD };
    const { access } = await answer<{ access: string }>(
      fetch(`${server.url}/api/auth/signup/`, json('POST', body)),
    );
    return new Person(server, username, access);
  }

  post(content: string, clientId: string = randomUUID()): Promise<StoredMessage> {
    const body = { content, client_id: clientId };
    const request = json('POST', body, { authorization: `Bearer ${this.token}` });
    return answer(fetch(`${this.server.url}/api/chat/global/messages/`, request));
  }

  /** Publishes for everybody; the path of its page. */
  async publish(title: string, content: string): Promise<string> {
    const { slug } = await this.write({ title, content });
    return `/posts/${slug}`;
  }

  /** Publishes for everybody at a time that is to come. */
  async schedule(title: string, content: string, at: Date): Promise<void> {
    const { state } = await this.write({ title, content, publish_at: at.toISOString() });
    if (state !== 'scheduled') throw new Error(`it is ${state}`);
  }

  private write(post: Record<string, string>): Promise<{ slug: string; state: string }> {
    const request = json('POST', post, { authorization: `Bearer ${this.token}` });
    return answer(fetch(`${this.server.url}/api/posts/`, request));
  }

  /** Answers a post, or a comment under it; the number of what was said. */
  async comment(path: string, content: string, parent?: string): Promise<string> {
    const body = { post: path.replace('/posts/', ''), content, parent };
    const request = json('POST', body, { authorization: `Bearer ${this.token}` });
    const { id } = await answer<{ id: string }>(fetch(`${this.server.url}/api/comments/`, request));
    return id;
  }

  async postAll(contents: string[]): Promise<void> {
    for (const content of contents) await this.post(content);
  }

  /** The whole room, oldest first. */
  async history(): Promise<StoredMessage[]> {
    const all: StoredMessage[] = [];
    for (;;) {
      const query = `limit=200&after=${all.at(-1)?.seq ?? 0}`;
      const headers = { authorization: `Bearer ${this.token}` };
      const url = `${this.server.url}/api/chat/global/messages/?${query}`;
      const page = await answer<StoredMessage[]>(fetch(url, { headers }));
      if (page.length === 0) return all;
      all.push(...page);
    }
  }
}

function json(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

async function answer<T>(pending: Promise<Response>): Promise<T> {
  const response = await pending;
  if (!response.ok) throw new Refused(response.status, await response.text());
  return (await response.json()) as T;
}
