import { type Plugin, Work } from '@muster/db';
import type { Viewer } from '../../access/viewer.ts';
import type { CoreInternals } from '../../core.ts';
import type { Change } from '../../event/change.ts';
import { nextEndpoint, readAvailable, type WantedEndpoint } from './endpoint.ts';
import { Announcement, firstOf, type Source } from './firstOf.ts';
import type { Endpoint, EndpointWait, WaitResult } from './waits.ts';

/**
 * Waits for an endpoint for up to `waitMs`, together with all callers of the same key: see docs/placement.md,
 * "Endpoints".
 *
 * @throws DomainError UNAUTHENTICATED once the viewer's right has ended (E6)
 * @param requestPlugin returns the plugin to wait for, and installs it if need be; called once, when no endpoint is
 * available. An error is thrown to all callers.
 */
export async function waitForEndpoint(
  core: CoreInternals,
  viewer: Viewer,
  key: string,
  { wanted, waitMs }: { wanted: WantedEndpoint; waitMs: number },
  requestPlugin: () => Promise<Plugin>,
): Promise<WaitResult> {
  const wait = core.endpointWaits.get(key) ?? openWait(core, key, wanted, requestPlugin);
  core.endpointWaits.set(key, wait);
  return wait.join(waitMs, (_, reject) => core.access.rights.watch(viewer, reject));
}

function openWait(
  core: CoreInternals,
  key: string,
  wanted: WantedEndpoint,
  requestPlugin: () => Promise<Plugin>,
): EndpointWait {
  // Attached before the first query, so that no change after it is missed.
  const live = core.hub.attach((change) => (concerns(wanted, change) ? change : null));
  const found = new Announcement<readonly Endpoint[] | undefined>();
  /** Comes once no endpoint is available, so that waiting begins. */
  const begun = new Announcement<undefined>();
  let latest: Plugin | undefined;
  let waiting = 0;

  async function run(): Promise<readonly Endpoint[]> {
    const atOnce = await readAvailable(core, wanted);
    if (atOnce.length > 0) return atOnce;
    latest = await requestPlugin();
    begun.resolve(undefined);
    for await (const { meaning: change } of live) {
      if (change.entity === 'plugin' && change.plugin.id === latest.id) latest = change.plugin;
      if (!mayHelp(change)) continue;
      const available = await readAvailable(core, wanted);
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
    await live.return();
  }

  // Belongs to all who wait, and ends with the last of them.
  const { lane } = core.db.currentWork();
  const work = Work.start({ lane, tenant: wanted.domainId, credential: '', weight: 1, timeoutMs: null });
  core.db.runAs(work, run).then(found.resolve, found.reject).finally(close);

  const wait: EndpointWait = {
    join: async (waitMs, rightEnds) => {
      waiting += 1;
      const own = core.db.currentWork();
      const orTimeIsUp = () => firstOf(found.listen, timer(waitMs), stopOf(own), rightEnds);
      try {
        const atOnce = await firstOf(found.listen, begun.listen, stopOf(own), rightEnds);
        // The caller's deadline doesn't count while there is nothing to do but wait.
        const available = atOnce ?? (await (waitMs > 0 ? own.waiting(orTimeIsUp) : orTimeIsUp())) ?? [];
        const endpoint = nextEndpoint(core, wanted, available);
        if (endpoint) return { endpoint };
        if (!latest) throw new Error('a wait ended before it began');
        return { plugin: latest };
      } finally {
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

/** Whether a change may make an endpoint available: a plugin came up, or a supervisor came back. */
function mayHelp(change: Change): boolean {
  return change.entity === 'plugin'
    ? change.plugin.state === 'ACTIVE'
    : change.from !== change.to && change.to === 'ENABLED';
}

function timer(ms: number): Source<undefined> {
  return (resolve) => {
    const timeout = setTimeout(resolve, ms, undefined);
    return () => clearTimeout(timeout);
  };
}

/** The stop of a caller's work: its deadline has passed, or its client has gone (W1). */
function stopOf(work: Work): Source<never> {
  return (_, reject) => {
    if (work.stopped) reject(work.stopped);
    else work.onStop(reject);
    return () => work.offStop(reject);
  };
}
