import {
  type Core,
  fetchAssignments,
  onceEach,
  searchPlugins,
  searchSupervisors,
  statSupervisors,
  type Viewer,
} from '@muster/core';
import type { OperationLane } from '../../limits/admission.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import { agentOf, refuseOtherCredentials } from './agentOf.ts';
import { readPluginMessages } from './pluginMessages.ts';
import { withWireNames } from './wireNames.ts';

/** Serves `list`. */
export async function list(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  return listMessage(await searchSupervisors(core, viewer, request));
}

/** Serves `stat`. */
export async function stat(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  return { ...(await statSupervisors(core, viewer, request)) };
}

/** The lane of `list_plugins`: an agent's own list is a part of its reports. */
export function laneOfListPlugins(viewer: Viewer, request: MessageJson): OperationLane {
  return agentOf(viewer, request) ? 'reports' : 'reads';
}

/** Serves `list_plugins`: an agent's own assignments, or a search by anybody else. */
export async function listPlugins(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  const agent = agentOf(viewer, request);
  if (agent) {
    const plugins = onceEach(await withWireNames(fetchAssignments(core, viewer, agent)));
    const results = await readPluginMessages(core, plugins);
    return { results, total_count: results.length };
  }
  refuseOtherCredentials(viewer, request);
  const { secret_key: _, ...query } = request;
  return listMessage(await searchPlugins(core, viewer, query));
}

/** A page of rows as a message, in which an absent value is an empty text. The rows are the message's: nobody else reads them. */
function listMessage({
  results,
  totalCount,
}: {
  results: readonly Record<string, unknown>[];
  totalCount: number;
}): MessageJson {
  for (const row of results) {
    for (const name in row) row[name] = wireValue(name, row[name]);
  }
  return { results, total_count: totalCount };
}

/** The element of an unwound list, too, is a list in a message. */
function wireValue(name: string, value: unknown): unknown {
  if (name === 'endpoints' && !Array.isArray(value)) return value == null ? [] : [value];
  return value ?? '';
}
