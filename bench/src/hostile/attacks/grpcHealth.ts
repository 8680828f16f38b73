import type { Attack } from '../attack.ts';
import { beginCall, call, frame, keepGrpcOpen } from '../clients/grpc.ts';
import { keepAttacking } from '../keepAttacking.ts';

const atATime = 200;
const connections = 20;

/** Health checks and watches of health by a client without a credential. */
export const grpcHealth: Attack = {
  name: 'grpc-health',
  family: 'sockets',
  bounds: [4, 10],
  summary: 'gRPC health: thousands of watches, and 200 checks at a time, without a credential',
  run: async (context) => {
    const opened = Array.from({ length: connections }, () => keepGrpcOpen(context));
    let watches = 0;
    await keepAttacking(context, atATime, async (turn) => {
      const connection = await (opened[turn % connections] ?? keepGrpcOpen(context))();
      if (turn % 4 === 0 && watches < 5_000) {
        watches += 1;
        const stream = beginCall(connection, '/grpc.health.v1.Health/Watch');
        stream.resume();
        stream.end(frame(Buffer.alloc(0)));
        return 'watch';
      }
      return call(connection, '/grpc.health.v1.Health/Check', Buffer.alloc(0));
    });
  },
};
