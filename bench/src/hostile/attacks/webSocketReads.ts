import type { Attack } from '../attack.ts';
import { countMessages, openAttackSocket, subscribe } from '../clients/socket.ts';
import { keepAttacking } from '../keepAttacking.ts';

const operationsATurn = 100;

/** Dear reads over one WebSocket, all at the same time. */
export const webSocketReads: Attack = {
  name: 'websocket-reads',
  family: 'work',
  bounds: [1, 4, 5, 6],
  summary: '400 dear counts at a time over 4 WebSockets',
  run: async (context) => {
    await keepAttacking(context, 4, async (turn) => {
      const socket = await openAttackSocket(context, context.target.tenant.keys.viewer);
      countMessages(socket, context.count);
      let open = operationsATurn;
      const answered = new Promise<void>((resolve) => {
        socket.on('close', () => resolve());
        socket.on('message', (data) => {
          if (/"type":"(complete|error)"/.test(String(data)) && --open === 0) resolve();
        });
      });
      for (let each = 0; each < operationsATurn; each++) {
        const filter = `{supervisor: {plugins: {none: {endpoint: {contains: "w${turn}x${each}"}}}}}`;
        subscribe(socket, String(each), `{ plugins(first: 1, filter: ${filter}) { totalCount } }`);
      }
      await answered;
      socket.terminate();
      return 'socket';
    });
  },
};
