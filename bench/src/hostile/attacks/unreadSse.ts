import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { openTcp } from '../clients/tcp.ts';
import { keepAttacking } from '../keepAttacking.ts';
import { changes } from './changes.ts';

const streams = 100;

/** Streams of large events that are never read. */
export const unreadSse: Attack = {
  name: 'unread-sse',
  family: 'sockets',
  bounds: [8, 9],
  summary: '100 SSE streams with large events that are never read, while a fleet reports changes',
  run: async (context) => {
    const { viewer, agent } = context.target.tenant.keys;
    const page =
      'supervisor { hostname plugins(first: 100) { nodes { id pluginId version state endpoint endpoints } } }';
    for (let index = 0; index < streams && !context.signal.aborted; index++) {
      const query = `subscription { pluginStateChanged(filter: {version: {ne: "${index}"}}) { plugin { id ${page} } } }`;
      const body = JSON.stringify({ query });
      const socket = await openTcp(context);
      socket.pause();
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${viewer}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    }
    await keepAttacking(context, 4, changes(context, openHttpClient(context, 4, agent)));
  },
};
