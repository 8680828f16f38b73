import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { countMessages, openAttackSocket, subscribe } from '../clients/socket.ts';
import { keepAttacking } from '../keepAttacking.ts';

const atATime = 200;

/** Subscriptions that read the whole log from its start, again and again. */
export const logResumption: Attack = {
  name: 'log-resumption',
  family: 'live',
  bounds: [4, 5, 6, 8],
  summary: '200 subscriptions at a time that resume from the oldest event',
  run: async (context) => {
    const { keys } = context.target.tenant;
    const client = openHttpClient(context, 1, keys.viewer);
    const oldest = await client.text({ body: JSON.stringify({ query: '{ events(first: 1) { nodes { cursor } } }' }) });
    const after = /"cursor":"([^"]+)"/.exec(oldest.text)?.[1];
    const socket = await openAttackSocket(context, keys.viewer);
    countMessages(socket, context.count);
    const query =
      'subscription ($a: Cursor, $v: String) { watchPlugins(after: $a, filter: {version: {ne: $v}}) { type pluginInstanceId cursor } }';
    await keepAttacking(context, 1, async (turn) => {
      for (let each = 0; each < atATime; each++)
        subscribe(socket, `${turn}x${each}`, query, { a: after, v: `${turn}x${each}` });
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (let each = 0; each < atATime; each++)
        socket.send(JSON.stringify({ id: `${turn}x${each}`, type: 'complete' }));
      if (socket.readyState !== socket.OPEN) throw new Error('the socket is closed');
      return 'resumed 200';
    });
  },
};
