import {
  type Core,
  fetchAssignments,
  isAgent,
  searchPlugins,
  searchSupervisors,
  statSupervisors,
  type Viewer,
} from '@muster/core';
import type { WireObject } from './fields.ts';
import { pluginInfos } from './supervisorMethods.ts';

export async function list(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  return resultsOf(await searchSupervisors(core, viewer, request));
}

export async function stat(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  return { ...(await statSupervisors(core, viewer, request)) };
}

export async function listPlugins(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const agent = agentOf(viewer, request);
  if (agent) {
    const offered = await pluginInfos(core, await fetchAssignments(core, viewer, agent));
    return { results: offered, total_count: offered.length };
  }
  const { state, ...others } = request;
  return resultsOf(await searchPlugins(core, viewer, state === 'NONE' ? others : request));
}

/** Who asks by a hostname alone, in one domain, and may publish, is the agent there (wire.md): it gets its own list. */
function agentOf(viewer: Viewer, { hostname, domain_id: given, ...others }: WireObject) {
  const domainId = given ?? viewer.domainId;
  const isAlone = Object.values(others).every((value) => value === undefined);
  if (typeof hostname !== 'string' || typeof domainId !== 'string' || !isAlone || !isAgent(viewer)) return null;
  return { domainId, hostname };
}

/** What isn't there is an empty text, as in each of the wire's messages. */
function resultsOf({ results, totalCount }: { results: readonly WireObject[]; totalCount: number }): WireObject {
  const filled = results.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? ''])),
  );
  return { results: filled, total_count: totalCount };
}
