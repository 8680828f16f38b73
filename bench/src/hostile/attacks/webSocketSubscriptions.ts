import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { countMessages, openAttackSocket, subscribe } from '../clients/socket.ts';
import { keepAttacking } from '../keepAttacking.ts';
import { changes } from './changes.ts';

const sockets = 5;
const subscriptionsASocket = 300;

/** Different subscriptions, so that each is a group, while the rows change. */
export const webSocketSubscriptions: Attack = {
  name: 'websocket-subscriptions',
  family: 'live',
  bounds: [3, 8],
  summary: '1,500 different subscriptions over 5 WebSockets, while a fleet reports changes',
  run: async (context) => {
    const { keys } = context.target.tenant;
    for (let index = 0; index < sockets; index++) {
      const socket = await openAttackSocket(context, keys.viewer);
      countMessages(socket, context.count);
      for (let each = 0; each < subscriptionsASocket; each++) {
        const filter = `{version: {ne: "${index}x${each}"}}`;
        const query = `subscription { pluginStateChanged(filter: ${filter}) { from to plugin { id pluginId supervisor { hostname labels } } } }`;
        subscribe(socket, String(each), query);
      }
    }
    await keepAttacking(context, 4, changes(context, openHttpClient(context, 4, keys.agent)));
  },
};
