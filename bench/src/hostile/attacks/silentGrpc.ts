import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';
import { failureName, untilTheEnd } from '../keepAttacking.ts';

const connections = 2_000;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Connections to gRPC that say nothing, or nothing after their first words. */
export const silentGrpc: Attack = {
  name: 'silent-grpc',
  family: 'sockets',
  bounds: [10, 11],
  summary: '2,000 gRPC connections that say nothing, or nothing after the preface of HTTP/2',
  run: async (context) => {
    for (let index = 0; index < connections && !context.signal.aborted; index++) {
      try {
        const socket = await openTcp(context, `http://${context.target.grpcAddress}`);
        socket.resume();
        if (index % 2 === 0) socket.write(preface);
        context.count('opened');
      } catch (error) {
        context.count(failureName(error));
      }
    }
    await untilTheEnd(context.signal);
  },
};
