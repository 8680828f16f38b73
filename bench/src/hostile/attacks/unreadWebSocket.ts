import type { Attack } from '../attack.ts';
import { openAttackSocket, subscribe } from '../clients/socket.ts';
import { untilTheEnd } from '../keepAttacking.ts';
import { largePage } from './largePage.ts';

const sockets = 20;
const operationsASocket = 100;

/** Sockets that ask for large pages and read nothing. */
export const unreadWebSocket: Attack = {
  name: 'unread-websocket',
  family: 'sockets',
  bounds: [5, 9],
  summary: '20 WebSockets that ask for 100 large pages each and read nothing',
  run: async (context) => {
    for (let index = 0; index < sockets && !context.signal.aborted; index++) {
      const socket = await openAttackSocket(context, context.target.tenant.keys.viewer);
      socket.pause();
      for (let each = 0; each < operationsASocket; each++) subscribe(socket, String(each), largePage);
    }
    await untilTheEnd(context.signal);
  },
};
