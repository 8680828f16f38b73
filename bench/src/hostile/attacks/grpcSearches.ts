import { nested, text } from '../../wire/protobuf.ts';
import type { Attack } from '../attack.ts';
import { call, keepGrpcOpen } from '../clients/grpc.ts';
import { keepAttacking } from '../keepAttacking.ts';

const connections = 4;

/** Searches by keyword over gRPC, each for the whole list. */
export const grpcSearches: Attack = {
  name: 'grpc-searches',
  family: 'work',
  bounds: [1, 4, 5, 6, 10],
  summary: '200 lists of all plugins at a time over gRPC, every second one by a keyword',
  run: async (context) => {
    const opened = Array.from({ length: connections }, () => keepGrpcOpen(context));
    const { viewer } = context.target.tenant.keys;
    await keepAttacking(context, 200, async (turn) => {
      const session = await (opened[turn % connections] ?? keepGrpcOpen(context))();
      const query = turn % 2 === 0 ? Buffer.alloc(0) : nested(1, text(8, `none${turn}`));
      return call(session, '/spaceone.api.plugin.v1.Supervisor/list_plugins', query, viewer);
    });
  },
};
