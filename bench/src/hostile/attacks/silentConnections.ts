import type { Attack } from '../attack.ts';
import { openTcp } from '../clients/tcp.ts';
import { failureName, untilTheEnd } from '../keepAttacking.ts';

const connections = 4_000;
const atATime = 50;

/** Connections that say nothing. */
export const silentConnections: Attack = {
  name: 'silent-connections',
  family: 'sockets',
  bounds: [11],
  summary: '4,000 connections that say nothing',
  run: async (context) => {
    let opened = 0;
    const open = async () => {
      while (opened++ < connections && !context.signal.aborted) {
        await openTcp(context).then(
          () => context.count('opened'),
          (error: unknown) => context.count(failureName(error)),
        );
      }
    };
    await Promise.all(Array.from({ length: atATime }, open));
    await untilTheEnd(context.signal);
  },
};
