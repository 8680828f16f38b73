import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { countMessages, openAttackSocket, subscribe } from '../clients/socket.ts';
import { keepAttacking } from '../keepAttacking.ts';
import { changes } from './changes.ts';

/** Watches with related filters, nested as deep as the server takes them, while the rows change. */
export const watchRelated: Attack = {
  name: 'watch-related',
  family: 'live',
  bounds: [2, 3, 8],
  summary: '50 watches with related filters up to 3 turns deep, while a fleet reports changes',
  run: async (context) => {
    const { keys } = context.target.tenant;
    const socket = await openAttackSocket(context, keys.viewer);
    countMessages(socket, context.count);
    for (let index = 0; index < 50; index++) {
      let filter = `{or: [{pluginId: {contains: "${index}"}}, {endpoint: {contains: "q"}}]}`;
      for (let depth = 0; depth <= index % 3; depth++) filter = `{supervisor: {plugins: {every: ${filter}}}}`;
      subscribe(socket, String(index), `subscription { watchPlugins(filter: ${filter}) { type pluginInstanceId } }`);
    }
    await keepAttacking(context, 4, changes(context, openHttpClient(context, 4, keys.agent)));
  },
};
