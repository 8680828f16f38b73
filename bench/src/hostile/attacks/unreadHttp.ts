import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';
import { untilTheEnd } from '../keepAttacking.ts';
import { largePage } from './largePage.ts';

const connections = 100;
const requestsAConnection = 20;

/** Pipelined requests for large pages, over connections that are never read. */
export const unreadHttp: Attack = {
  name: 'unread-http',
  family: 'sockets',
  bounds: [5, 9],
  summary: '100 HTTP connections that ask for 20 large pages each and read nothing',
  run: async (context) => {
    const { viewer } = context.target.tenant.keys;
    const body = JSON.stringify({ query: largePage });
    const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${viewer}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    for (let index = 0; index < connections && !context.signal.aborted; index++) {
      const socket = await openTcp(context);
      socket.pause();
      socket.write(`${head}${body}`.repeat(requestsAConnection));
    }
    await untilTheEnd(context.signal);
  },
};
