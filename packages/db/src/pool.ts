import { Pool, type PoolConfig } from 'pg';

/** A pool whose connections may be lost at any time: that is a warning, and an error of whoever asks them next. */
export function createPool(config: PoolConfig, onWarning: (message: string, error: unknown) => void): Pool {
  const pool = new Pool(config);
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on('error', (error) => onWarning('an idle database connection was lost', error));
  // So would one that is lent when the server says goodbye in the same packet as the last answer: the pool no longer
  // listens to it by then, and whoever waits for it doesn't yet.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
