import type { Page } from '@playwright/test';

/** Every attempt at a socket fails, as behind a proxy that knows only HTTP. */
export async function withoutSockets(page: Page): Promise<void> {
  await page.addInitScript(() => {
    class Blocked extends EventTarget {
      static readonly CONNECTING = 0;
      static readonly OPEN = 1;
      static readonly CLOSING = 2;
      static readonly CLOSED = 3;
      readyState = 0;
      binaryType = 'blob';
      bufferedAmount = 0;
      onopen: unknown = null;
      onmessage: unknown = null;
      onerror: ((event: Event) => void) | null = null;
      onclose: ((event: Event) => void) | null = null;

      constructor(readonly url: string) {
        super();
        queueMicrotask(() => {
          this.readyState = 3;
          const events = [new Event('error'), new CloseEvent('close', { code: 1006 })] as const;
          this.onerror?.(events[0]);
          this.dispatchEvent(events[0]);
          this.onclose?.(events[1]);
          this.dispatchEvent(events[1]);
        });
      }

      send(): void {
        throw new DOMException('not open', 'InvalidStateError');
      }

      close(): void {}
    }
    Object.defineProperty(window, 'WebSocket', { value: Blocked });
  });
}
