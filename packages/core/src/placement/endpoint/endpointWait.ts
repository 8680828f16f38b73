import type { Plugin } from '@muster/db';
import type { CoreInternals } from '../../core.ts';
import type { Change } from '../../event/change.ts';
import { nextEndpoint, readAvailable, type WantedEndpoint } from './endpoint.ts';
import type { Endpoint, EndpointWait, WaitResult } from './waits.ts';

/**
 * Joins those who wait for the same, or begins to: whoever comes first asks the database, and `requestPlugin` makes the wish
 * where nothing is to be had; then one subscription to the event hub waits for all of them, and asks again only when a
 * plugin has come up or a supervisor come back. The others run no query at all.
 *
 * @param requestPlugin the plugin that is waited for; what it throws is thrown to all who wait.
 */
export function waitForEndpoint(
  core: CoreInternals,
  key: string,
  wish: WantedEndpoint,
  waitMs: number,
  requestPlugin: () => Promise<Plugin>,
): Promise<WaitResult> {
  const wait = core.endpointWaits.get(key) ?? openWait(core, key, wish, requestPlugin);
  core.endpointWaits.set(key, wait);
  return wait.join(waitMs);
}

function openWait(
  core: CoreInternals,
  key: string,
  wish: WantedEndpoint,
  requestPlugin: () => Promise<Plugin>,
): EndpointWait {
  // Before the first question, so that nothing which happens after it is missed.
  const live = core.hub.attach((change) => concerns(wish, change));
  const found = Promise.withResolvers<readonly Endpoint[]>();
  /** Whether there is nothing to be had for now, so that time counts. */
  const begun = Promise.withResolvers<void>();
  let latest: Plugin | undefined;
  let waiting = 0;

  async function run(): Promise<readonly Endpoint[]> {
    const atOnce = await readAvailable(core, wish);
    if (atOnce.length > 0) return atOnce;
    latest = await requestPlugin();
    begun.resolve();
    for await (const change of live) {
      if (change.entity === 'plugin' && change.plugin.id === latest.id) latest = change.plugin;
      if (!mayHelp(change)) continue;
      const available = await readAvailable(core, wish);
      if (available.length > 0) return available;
    }
    return [];
  }

  async function leave(): Promise<void> {
    waiting -= 1;
    if (waiting === 0) await close();
  }

  async function close(): Promise<void> {
    if (core.endpointWaits.get(key) === wait) core.endpointWaits.delete(key);
    await live.return?.();
  }

  run().then(found.resolve, found.reject).finally(close);
  // Each who joins hears of it; nobody may be there yet.
  found.promise.catch(() => {});

  const wait: EndpointWait = {
    join: async (waitMs) => {
      waiting += 1;
      const timer = createTimer();
      try {
        const timeIsUp = begun.promise.then(() => timer.start(waitMs));
        const available = (await Promise.race([found.promise, timeIsUp])) ?? [];
        const endpoint = nextEndpoint(core, wish, available);
        if (endpoint) return { endpoint };
        if (!latest) throw new Error('a wait ended before it began');
        return { plugin: latest };
      } finally {
        timer.stop();
        await leave();
      }
    },
  };
  return wait;
}

function concerns({ domainId, pluginId, version }: WantedEndpoint, change: Change): boolean {
  if (change.entity === 'supervisor') return mayHelp(change);
  const { plugin } = change;
  return (
    plugin.domainId === domainId && plugin.pluginId === pluginId && (version === null || plugin.version === version)
  );
}

/** A plugin that came up, or a supervisor that came back to what it still runs. */
function mayHelp(change: Change): boolean {
  return change.entity === 'plugin'
    ? change.plugin.state === 'ACTIVE'
    : change.from !== change.to && change.to === 'ENABLED';
}

function createTimer(): { start(ms: number): Promise<undefined>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    start: (ms) =>
      new Promise((resolve) => {
        timer = setTimeout(resolve, ms, undefined);
      }),
    stop: () => clearTimeout(timer),
  };
}
