import { type Plugin, Work } from '@muster/db';
import type { Viewer } from '../../access/viewer.ts';
import { DomainError } from '../../base/errors.ts';
import type { CoreInternals } from '../../core.ts';
import { nextEndpoint, noneToHandOut, readAvailable, type WantedEndpoint } from './endpoint.ts';
import { Announcement, firstOf, type Source } from './firstOf.ts';
import { createSharedRun } from './sharedRun.ts';
import type { Endpoint, EndpointRequest, EndpointWait, WaitResult } from './waits.ts';
import { wakes } from './wakes.ts';

/**
 * Waits for an endpoint for up to `waitMs`, together with all callers of the same key: see docs/placement.md,
 * "Endpoints".
 *
 * @throws DomainError UNAUTHENTICATED once the viewer's right has ended (E6); as `requestPlugin`, where there is no plugin
 * to wait for at the beginning or at the end
 */
export async function waitForEndpoint(
  core: CoreInternals,
  viewer: Viewer,
  key: string,
  { wanted, ...request }: EndpointRequest & { wanted: WantedEndpoint },
): Promise<WaitResult> {
  const wait = core.endpointWaits.get(key) ?? openWait(core, key, wanted);
  core.endpointWaits.set(key, wait);
  return wait.join(request, (_, reject) => core.access.rights.watch(viewer, reject));
}

/** How often plugins that turn out to be ACTIVE already are passed by. */
const maxTries = 10;

/** The plugin that is waited for, or why there is none. */
type Wish = { readonly plugin: Plugin } | { readonly refusal: DomainError };

function openWait(core: CoreInternals, key: string, wanted: WantedEndpoint): EndpointWait {
  // Attached before the first query, so that no change after it is missed.
  const attach = () => core.hub.attach((change) => (wakes(wanted, change) ? change : null));
  let live = attach();
  const found = new Announcement<readonly Endpoint[] | undefined>();
  /** Comes once no endpoint is available, so that waiting begins. */
  const begun = new Announcement<undefined>();
  /** Those who wait: a wish is made in the name of one of them. */
  const requests = new Set<EndpointRequest>();
  let wish: Wish | undefined;

  /** The endpoints that are available now. Where there are none, the wish is made, or made anew (M4). */
  const look = createSharedRun(async (): Promise<readonly Endpoint[]> => {
    for (let tries = 0; tries < maxTries; tries++) {
      const available = await readAvailable(core, wanted);
      const [request] = requests;
      if (available.length > 0 || !request) return available;
      wish = await make(request);
      // One that is ACTIVE has come up since, or has no endpoint: then another one is asked for.
      if ('refusal' in wish || wish.plugin.state !== 'ACTIVE') return [];
    }
    wish = { refusal: noneToHandOut(wanted, 'what is there keeps changing') };
    return [];
  });

  async function run(): Promise<readonly Endpoint[]> {
    let available = await look();
    // Nobody waits for a plugin that there is no place for.
    if (wish && 'refusal' in wish) throw wish.refusal;
    if (available.length > 0) return available;
    begun.resolve(undefined);
    while (await hasChanged()) {
      available = await look();
      if (available.length > 0) return available;
    }
    return [];
  }

  /** Waits for changes that may help; false once nobody waits any longer. */
  async function hasChanged(): Promise<boolean> {
    try {
      let next = await live.next();
      while (!next.done && !live.isEmpty) next = await live.next();
      return !next.done;
    } catch (error) {
      // O5: the log goes on in another way, and so may the plugin.
      if (!(error instanceof DomainError && error.code === 'CURSOR_EXPIRED')) throw error;
      live = attach();
      return true;
    }
  }

  async function leave(request: EndpointRequest): Promise<void> {
    requests.delete(request);
    if (requests.size === 0) await close();
  }

  async function close(): Promise<void> {
    if (core.endpointWaits.get(key) === wait) core.endpointWaits.delete(key);
    await live.return();
  }

  // Belongs to all who wait, and ends with the last of them.
  const { lane } = core.db.currentWork();
  const work = Work.start({ lane, tenant: wanted.domainId, credential: '', weight: 1, timeoutMs: null });
  let isRunning = false;
  function begin(): void {
    isRunning = true;
    core.db.runAs(work, run).then(found.resolve, found.reject).finally(close);
  }

  /** The endpoints that came in time, or at the last moment. */
  async function endpointsInTime(waitMs: number, rightEnds: Source<never>): Promise<readonly Endpoint[]> {
    const isFirst = !isRunning;
    if (isFirst) begin();
    const own = core.db.currentWork();
    const orTimeIsUp = () => firstOf(found.listen, timer(waitMs), stopOf(own), rightEnds);
    const atOnce = await firstOf(found.listen, begun.listen, stopOf(own), rightEnds);
    if (atOnce) return atOnce;
    // The caller's deadline doesn't count while there is nothing to do but wait.
    const inTime = await (waitMs > 0 ? own.waiting(orTimeIsUp) : orTimeIsUp());
    if (inTime) return inTime;
    // The first caller has looked a moment ago.
    return isFirst && waitMs === 0 ? [] : core.db.runAs(work, look);
  }

  const wait: EndpointWait = {
    join: async (request, rightEnds) => {
      requests.add(request);
      try {
        const endpoint = nextEndpoint(core, wanted, await endpointsInTime(request.waitMs, rightEnds));
        if (endpoint) return { endpoint };
        if (!wish) throw new Error('a wait ended before it began');
        if ('refusal' in wish) throw wish.refusal;
        return wish;
      } finally {
        await leave(request);
      }
    },
  };
  return wait;
}

async function make({ requestPlugin }: EndpointRequest): Promise<Wish> {
  try {
    return { plugin: await requestPlugin() };
  } catch (error) {
    if (error instanceof DomainError) return { refusal: error };
    throw error;
  }
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
