import { randomUUID } from 'node:crypto';
import type { PluginStateChange } from './event.ts';

/** The one operation id that a ready-made message can have: as long as everybody's own would be. */
export const sharedId = '00000000-0000-4000-8000-000000000000';

/** Operation ids as clients make them. */
export const ownId = () => randomUUID();

/** What comes before an event in its message, as graphql-ws writes it. */
export function messageHead(id: string): string {
  return `{"id":${JSON.stringify(id)},"type":"next","payload":`;
}

/** An event's message, whole, for the servers that send the same to all. */
export function sharedMessage(pluginStateChanged: PluginStateChange): Buffer {
  return Buffer.from(`${messageHead(sharedId)}${JSON.stringify({ data: { pluginStateChanged } })}}`);
}
