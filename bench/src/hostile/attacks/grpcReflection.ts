import { text } from '../../wire/protobuf.ts';
import type { Attack } from '../attack.ts';
import { call, keepGrpcOpen } from '../clients/grpc.ts';
import { keepAttacking } from '../keepAttacking.ts';

const atATime = 200;

/** Questions to server reflection by a client without a credential. */
export const grpcReflection: Attack = {
  name: 'grpc-reflection',
  family: 'sockets',
  bounds: [10],
  summary: '200 questions at a time to gRPC reflection, without a credential',
  run: async (context) => {
    const connection = keepGrpcOpen(context);
    const question = text(4, 'spaceone.api.plugin.v1.Supervisor');
    await keepAttacking(context, atATime, async () =>
      call(await connection(), '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', question),
    );
  },
};
