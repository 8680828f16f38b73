import { Pool, type PoolConfig } from 'pg';

/** Opens a pool that survives lost connections: a loss is a warning, and fails only the query on that connection. */
export function createPool(config: PoolConfig, onWarning: (message: string, error: unknown) => void): Pool {
  const pool = new Pool(config);
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on('error', (error) => onWarning('an idle database connection was lost', error));
  // A lent connection would end it too, if the server's goodbye comes in the packet of the last answer: the pool no
  // longer listens to that connection by then, and its borrower doesn't yet.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
