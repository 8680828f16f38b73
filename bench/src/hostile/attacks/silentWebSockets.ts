import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';
import { failureName, untilTheEnd } from '../keepAttacking.ts';

const sockets = 2_000;
const upgrade = [
  'GET /graphql HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
].join('\r\n');

/** WebSockets that say nothing, and show no credential. */
export const silentWebSockets: Attack = {
  name: 'silent-websockets',
  family: 'sockets',
  bounds: [11],
  summary: '2,000 WebSockets without a credential that say nothing',
  run: async (context) => {
    for (let index = 0; index < sockets && !context.signal.aborted; index++) {
      try {
        const socket = await openTcp(context);
        socket.once('data', (answer) => context.count(/^HTTP\/1.1 (\d+)/.exec(String(answer))?.[1] ?? 'answered'));
        socket.write(`${upgrade}\r\n\r\n`);
      } catch (error) {
        context.count(failureName(error));
      }
    }
    await untilTheEnd(context.signal);
  },
};
