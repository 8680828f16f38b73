import { type ReadonlySignal, signal } from '@preact/signals';
import {
  type PluginFilter,
  type SupervisorFilter,
  viewer,
  type WatchAnyPluginSubscription,
  type WatchAnySupervisorSubscription,
  watchAnyPlugin,
  watchAnySupervisor,
} from '../generated/operations.ts';
import type { Client } from './client.ts';
import type { LiveSocket } from './liveSocket.ts';
import { onMove } from './onMove.ts';
import type { RequestError } from './requestError.ts';

/** Counts bursts of changes anywhere in the fleet, for views that show sums of it. */
export interface ChangeTick {
  readonly count: ReadonlySignal<number>;
  close(): void;
}

/** Whose changes are counted. */
export interface ChangeScope {
  /** Default: all; null: none. */
  readonly supervisors?: SupervisorFilter | null;
  /** Default: all; null: none. */
  readonly plugins?: PluginFilter | null;
}

const retryMs = 5_000;

/**
 * Watches supervisors and plugins for no more than that something changed.
 *
 * @param everyMs the least time between two counts
 */
export function openChangeTick(
  client: Client,
  socket: LiveSocket,
  everyMs: number,
  { supervisors = {}, plugins = {} }: ChangeScope = {},
): ChangeTick {
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

  function watchSupervisors(filter: SupervisorFilter, now: string): void {
    let after = now;
    const isWhole = Object.keys(filter).length === 0;
    const next = ({ watchSupervisors: { type, cursor } }: WatchAnySupervisorSubscription) => {
      // A bookmark that has moved on says that something else has changed: a key, a release.
      if (type !== 'BOOKMARK' || (isWhole && cursor !== after)) changed();
      after = cursor;
    };
    ends.push(
      socket.subscribe({ document: watchAnySupervisor, variables: () => ({ filter, after }), next, failed: again }),
    );
  }

  function watchPlugins(filter: PluginFilter, now: string): void {
    let after = now;
    const next = ({ watchPlugins: { type, cursor } }: WatchAnyPluginSubscription) => {
      after = cursor;
      if (type !== 'BOOKMARK') changed();
    };
    ends.push(
      socket.subscribe({ document: watchAnyPlugin, variables: () => ({ filter, after }), next, failed: again }),
    );
  }

  async function begin(): Promise<void> {
    try {
      const now = (await client.request(viewer, {}, closing.signal)).viewer?.cursor ?? '';
      if (closing.signal.aborted) return;
      if (supervisors !== null) watchSupervisors(supervisors, now);
      if (plugins !== null) watchPlugins(plugins, now);
      // Something may have happened while nothing was watched.
      changed();
    } catch {
      again();
    }
  }

  const stopReturns = onMove(socket.returns, changed);
  void begin();
  return {
    count,
    close: () => {
      closing.abort();
      end();
      stopReturns();
      clearTimeout(timer);
      clearTimeout(retry);
    },
  };
}
