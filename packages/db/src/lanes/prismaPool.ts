import { Pool, type PoolClient, type QueryConfig } from 'pg';
import { retryLost } from '../retryLost.ts';
import { runQuery } from '../runQuery.ts';
import type { LentConnection } from './postgresLane.ts';

/** Lends a connection in the lane, and for the work, of the caller. */
export type Lend = <Result>(use: (lent: LentConnection) => Promise<Result>) => Promise<Result>;

/**
 * A pool, as Prisma's adapter takes it, whose queries run in the lanes. It never connects by itself: the adapter calls
 * these two methods alone, each in one form.
 */
export function createPrismaPool(lend: Lend): Pool {
  return Object.assign(new Pool({ max: 1 }), {
    query: (config: QueryConfig) => retryLost(() => lend((lent) => lent.ask((client) => runQuery(client, config)))),
    connect: () => {
      const connected = Promise.withResolvers<PoolClient>();
      const released = Promise.withResolvers<void>();
      const use = async (lent: LentConnection) => {
        connected.resolve(clientOver(lent, released.resolve));
        await released.promise;
      };
      lend(use).catch(connected.reject);
      return connected.promise;
    },
  });
}

/** As much of a client as the adapter uses, for one transaction. */
function clientOver(lent: LentConnection, release: () => void): PoolClient {
  const client = {
    query: (config: QueryConfig) => lent.ask((own) => runQuery(own, config)),
    on: () => client,
    removeListener: () => client,
    release,
  };
  return client as unknown as PoolClient;
}
