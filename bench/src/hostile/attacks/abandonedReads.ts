import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';
import { keepAttacking } from '../keepAttacking.ts';

const waitMs = 20;

/** Dear reads whose client leaves at once. */
export const abandonedReads: Attack = {
  name: 'abandoned-reads',
  family: 'work',
  bounds: [1, 5],
  summary: '32 dear counts at a time whose client is gone after 20 ms',
  run: async (context) => {
    const { tenant } = context.target;
    await keepAttacking(context, 32, async (turn) => {
      const query = `{ plugins(first: 1, filter: {supervisor: {plugins: {none: {endpoint: {contains: "q${turn}"}}}}}) { totalCount } }`;
      const body = JSON.stringify({ query });
      const socket = await openTcp({ ...context, count: () => {} });
      const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${tenant.keys.viewer}\r\n`;
      socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      await sleep(waitMs);
      socket.destroy();
      return 'abandoned';
    });
  },
};
