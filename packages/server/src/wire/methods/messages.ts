import { type Viewer, visibleTags } from '@muster/core';
import type { Plugin, Supervisor } from '@muster/db';
import type { WireObject } from './fields.ts';

export function supervisorInfo(viewer: Viewer, supervisor: Supervisor): WireObject {
  return {
    supervisor_id: supervisor.id,
    name: supervisor.name,
    hostname: supervisor.hostname,
    state: supervisor.state,
    is_public: supervisor.isPublic,
    labels: supervisor.labels,
    tags: visibleTags(viewer, supervisor),
    domain_id: supervisor.domainId,
    created_at: supervisor.createdAt.toISOString(),
    updated_at: supervisor.updatedAt.toISOString(),
    priority: supervisor.priority,
  };
}

export function pluginInfo(plugin: Plugin, supervisorName: string): WireObject {
  return {
    plugin_id: plugin.pluginId,
    version: plugin.version,
    state: plugin.state,
    endpoint: plugin.endpoint ?? '',
    managed: plugin.managed,
    endpoints: plugin.endpoints,
    domain_id: plugin.domainId,
    supervisor_id: plugin.supervisorId,
    supervisor_name: supervisorName,
    message: plugin.message ?? '',
    reason: plugin.reason ?? '',
    generation: plugin.generation,
    observed_generation: plugin.observedGeneration,
  };
}
