import { badUserInput, type Core, describe, publishSupervisor, type Viewer } from '@muster/core';
import type { MessageJson } from '../proto/messageJson.ts';
import { supervisorMessage } from './messages.ts';
import { toCoreInput, wireNames, withWireNames } from './wireNames.ts';

/** Serves `publish`. */
export async function publish(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  const input = toCoreInput(request);
  if (Array.isArray(input.plugins)) input.plugins = input.plugins.map(reportOf);
  if (Array.isArray(input.labels)) input.labels = mergeLabels(input.labels);
  const result = await withWireNames(publishSupervisor(core, viewer, input));
  return {
    ...supervisorMessage(viewer, result.supervisor),
    next_publish_in_ms: result.nextPublishInMs,
    api_key_token: result.token ?? '',
    rejected: result.rejected.map(({ index, field, pluginId, version, code, message }) => ({
      index,
      plugin_id: pluginId ?? '',
      version: version ?? '',
      code,
      message,
      field: field === null ? '' : wireNames[field],
    })),
  };
}

/** A plugin's report under core's names; core rejects anything but an object (P7). */
function reportOf(report: unknown): unknown {
  if (typeof report !== 'object' || report === null) return report;
  // P9: the wire's list has each plugin once, for all domains, and so has its report.
  const { endpoints, domainId: _, ...given } = toCoreInput(report as MessageJson);
  // A message can't leave a list out, so an empty list counts as absent.
  return endpoints === undefined || (Array.isArray(endpoints) && endpoints.length === 0)
    ? given
    : { ...given, endpoints };
}

/** Merges labels in a list: objects, later keys over earlier ones, and texts, `key=value` or a key with an empty value. */
function mergeLabels(items: readonly unknown[]): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const [index, item] of items.entries()) {
    if (typeof item === 'string') {
      const [key = '', ...value] = item.split('=');
      merged.set(key, value.join('='));
    } else if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      for (const [key, value] of Object.entries(item)) merged.set(key, value);
    } else {
      throw badUserInput(['labels', index], `expected an object or a text; got ${describe(item)}`);
    }
  }
  return Object.fromEntries(merged);
}
