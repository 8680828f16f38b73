import { setTimeout as delay } from 'node:timers/promises';
import { type Client, type ClientBase, Pool, type PoolClient, type PoolConfig, type QueryConfig } from 'pg';

/** How long a connection may be idle until it is probed before it is used, in milliseconds. */
export const idleMs = 1_000;
/** How long a probe's answer may take, in milliseconds. */
const probeMs = 2_000;
/** How long connections may take to be closed in order, in milliseconds; then they are cut. */
const closingMs = 1_000;

type Lend = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

/**
 * A pool that notices silence (O2): a connection that was idle is probed before it is lent. One that doesn't answer is cut,
 * and so are those that were idle for at least as long, without a probe.
 */
export class ProbingPool extends Pool {
  readonly #usedAt = new WeakMap<PoolClient, number>();
  /** Connections that were last used before this are taken for silent, too. */
  #silentBefore = 0;

  constructor(config: PoolConfig) {
    super(config);
    this.on('connect', (client) => this.#usedAt.set(client, performance.now()));
    this.on('release', (_error, client) => this.#usedAt.set(client, performance.now()));
  }

  override connect(): Promise<PoolClient>;
  override connect(lend: Lend): void;
  override connect(lend?: Lend): Promise<PoolClient> | undefined {
    if (!lend) return this.#connectSound();
    super.connect(lend);
    return undefined;
  }

  /** Ends connections in order, or cuts those that don't answer the goodbye. */
  override async end(): Promise<void> {
    const ended = super.end();
    await Promise.race([ended, delay(closingMs, undefined, { ref: false })]);
    this.cut();
  }

  /** Cuts all connections, those that are only being opened too: what waits on them fails. */
  cut(): void {
    // The pool's own list (pg-pool 3.14) is the only one that has them all.
    const { _clients } = this as unknown as { readonly _clients: readonly Client[] };
    for (const { connection } of _clients) connection.stream.destroy();
  }

  async #connectSound(): Promise<PoolClient> {
    for (;;) {
      const client = await super.connect();
      const usedAt = this.#usedAt.get(client) ?? 0;
      if (performance.now() - usedAt < idleMs) return client;
      const isSound = usedAt > this.#silentBefore && (await answers(client));
      if (isSound) return client;
      this.#silentBefore = Math.max(this.#silentBefore, usedAt);
      client.connection.stream.destroy();
      client.release(true);
    }
  }
}

/** Whether the server answers on a connection, within 2 s. */
export async function answers(client: ClientBase): Promise<boolean> {
  const probe: QueryConfig & { query_timeout: number } = { text: 'SELECT', query_timeout: probeMs };
  return client.query(probe).then(
    () => true,
    () => false,
  );
}

/** Opens a pool that survives lost connections: a loss is a warning, and fails only the query on that connection. */
export function createPool(config: PoolConfig, onWarning: (message: string, error: unknown) => void): ProbingPool {
  const pool = new ProbingPool(config);
  // Without a listener, an idle connection that the server closes would end the process.
  pool.on('error', (error) => onWarning('an idle database connection was lost', error));
  // A lent connection would end it too, if the server's goodbye comes in the packet of the last answer: the pool no
  // longer listens to that connection by then, and its borrower doesn't yet.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
