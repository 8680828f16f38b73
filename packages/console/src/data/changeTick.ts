import { type ReadonlySignal, signal } from '@preact/signals';
import { viewer, watchAnyPlugin, watchAnySupervisor } from '../generated/operations.ts';
import type { Client } from './client.ts';
import type { LiveSocket } from './liveSocket.ts';
import type { RequestError } from './requestError.ts';

/** Counts bursts of changes anywhere in the fleet, for views that show sums of it. */
export interface ChangeTick {
  readonly count: ReadonlySignal<number>;
  close(): void;
}

const retryMs = 5_000;

/**
 * Watches all supervisors and plugins for no more than that something changed.
 *
 * @param everyMs the least time between two counts
 */
export function openChangeTick(client: Client, socket: LiveSocket, everyMs: number): ChangeTick {
  const count = signal(0);
  const closing = new AbortController();
  const ends: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function changed(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      count.value++;
    }, everyMs);
  }

  function again(error?: RequestError): void {
    end();
    if (closing.signal.aborted || error?.code === 'UNAUTHENTICATED') return;
    clearTimeout(retry);
    retry = setTimeout(() => void begin(), retryMs);
  }

  function end(): void {
    for (const each of ends.splice(0)) each();
  }

  async function begin(): Promise<void> {
    try {
      const now = (await client.request(viewer, {}, closing.signal)).viewer?.cursor ?? '';
      if (closing.signal.aborted) return;
      let supervisorsAfter = now;
      let pluginsAfter = now;
      ends.push(
        socket.subscribe({
          document: watchAnySupervisor,
          variables: () => ({ after: supervisorsAfter }),
          next: ({ watchSupervisors: { type, cursor } }) => {
            supervisorsAfter = cursor;
            if (type !== 'BOOKMARK') changed();
          },
          failed: again,
        }),
        socket.subscribe({
          document: watchAnyPlugin,
          variables: () => ({ after: pluginsAfter }),
          next: ({ watchPlugins: { type, cursor } }) => {
            pluginsAfter = cursor;
            if (type !== 'BOOKMARK') changed();
          },
          failed: again,
        }),
      );
      // Something may have happened while nothing was watched.
      changed();
    } catch {
      again();
    }
  }

  void begin();
  return {
    count,
    close: () => {
      closing.abort();
      end();
      clearTimeout(timer);
      clearTimeout(retry);
    },
  };
}
