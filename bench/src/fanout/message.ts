import { randomUUID } from 'node:crypto';
import type { PluginStateChange } from './event.ts';

/** The operation id in ready-made messages, as long as the ids of clients. */
export const sharedId = '00000000-0000-4000-8000-000000000000';

/** Creates an operation id as clients do. */
export const createId = () => randomUUID();

/** The beginning of an event's message, before the event, as graphql-ws writes it. */
export function messageHead(id: string): string {
  return `{"id":${JSON.stringify(id)},"type":"next","payload":`;
}

/** The whole message of an event, for servers that send the same bytes to all. */
export function sharedMessage(pluginStateChanged: PluginStateChange): Buffer {
  return Buffer.from(`${messageHead(sharedId)}${JSON.stringify({ data: { pluginStateChanged } })}}`);
}
