import { badUserInput, type Core, describe, publishSupervisor, type Viewer } from '@muster/core';
import { type FieldNames, toCore, type WireObject, withWireNames } from './fields.ts';
import { supervisorInfo } from './messages.ts';

const names: FieldNames = {
  domainId: 'domain_id',
  name: 'name',
  hostname: 'hostname',
  secretKey: 'secret_key',
  isPublic: 'is_public',
  labels: 'labels',
  tags: 'tags',
  plugins: 'plugin_info',
  bootId: 'boot_id',
};

const reportNames: FieldNames = {
  pluginId: 'plugin_id',
  version: 'version',
  state: 'state',
  endpoint: 'endpoint',
  endpoints: 'endpoints',
  message: 'message',
  observedGeneration: 'observed_generation',
};

export async function publish(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input: Record<string, unknown> = toCore(request, names);
  if (Array.isArray(input.plugins)) input.plugins = input.plugins.map(reportOf);
  if (Array.isArray(input.labels)) input.labels = mergeLabels(input.labels);
  const result = await withWireNames(publishSupervisor(core, viewer, input), names);
  return {
    ...supervisorInfo(viewer, result.supervisor),
    next_publish_in_ms: result.nextPublishInMs,
    rejected: result.rejected.map(({ index, pluginId, version, code, message }) => ({
      index,
      plugin_id: pluginId ?? '',
      version: version ?? '',
      code,
      message,
    })),
  };
}

/** What is no object is left for core to reject (P7). */
function reportOf(report: unknown): unknown {
  if (typeof report !== 'object' || report === null) return report;
  const given: Record<string, unknown> = toCore(report as WireObject, reportNames);
  // A list in a message can't be left out: an empty one says nothing.
  if (Array.isArray(given.endpoints) && given.endpoints.length === 0) delete given.endpoints;
  return given;
}

/** Labels as a list: objects, later ones over earlier ones, and texts, `key=value` or a key with an empty value. */
function mergeLabels(items: readonly unknown[]): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const [place, item] of items.entries()) {
    if (typeof item === 'string') {
      const [key = '', ...value] = item.split('=');
      merged.set(key, value.join('='));
    } else if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      for (const [key, value] of Object.entries(item)) merged.set(key, value);
    } else {
      throw badUserInput(['labels', place], `expected an object or a text; got ${describe(item)}`);
    }
  }
  return Object.fromEntries(merged);
}
