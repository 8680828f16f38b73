import { messageFields, type SearchEntity, type Viewer, visibleTags } from '@muster/core';
import type { Plugin, Supervisor } from '@muster/db';
import type { MessageJson } from '../proto/messageJson.ts';

/** A supervisor as a SupervisorInfo, with the tags that the viewer may see (A6). */
export function supervisorMessage(viewer: Viewer, supervisor: Supervisor): MessageJson {
  return messageOf('supervisor', { ...supervisor, tags: visibleTags(viewer, supervisor) });
}

/** A plugin as a PluginInfo, with the name of its supervisor. */
export function pluginMessage(plugin: Plugin, supervisorName: string): MessageJson {
  return messageOf('plugin', plugin, { name: supervisorName });
}

function messageOf(entity: SearchEntity, row: object, supervisor: object = {}): MessageJson {
  return Object.fromEntries(
    messageFields[entity].map(({ name, field, related }) => [
      name,
      wireValue(Reflect.get(related ? supervisor : row, field)),
    ]),
  );
}

/** No message of the wire has null: an absent text is empty. Times are written in ISO 8601. */
function wireValue(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : (value ?? '');
}
