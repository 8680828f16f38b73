import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { closeClient } from './closeClient.ts';
import { openSession } from './lanes/session.ts';
import { noTimeouts } from './lanes/timeouts.ts';

const defaultHeartbeatMs = 5_000;
const defaultHeartbeatTimeoutMs = 5_000;
const longestBackoffMs = 10_000;

/** Where and how to listen; times are parameters for tests. */
export interface PostgresListenerOptions {
  /** Creates a client that isn't connected yet. */
  connect(): Client;
  channel: string;
  /** The schema that the session has on its search path. */
  schema: string;
  /** Called at each notification, and after each reconnect, since notifications may have been lost. */
  onWake(): void;
  onWarning(message: string, error: unknown): void;
  /** Random numbers from 0 up to 1, for the jitter of reconnecting. Default `Math.random`. */
  random?: () => number;
  /** How often the listener checks that the server still has its subscription. Default 5 s. */
  heartbeatMs?: number;
  /** How long the listener waits for an answer to that before it reconnects. Default 5 s. */
  heartbeatTimeoutMs?: number;
}

/** A connection that listens, and is opened anew when it is lost. */
export interface PostgresListener {
  /** Whether it listens at present. */
  readonly isUp: boolean;
  stop(): Promise<void>;
}

/**
 * LISTENs on a separate connection. If that ends, or no longer answers (a half-open connection gives no sign by
 * itself), the listener reconnects after growing, jittered pauses. Resolves once the first connection listens.
 */
export async function createPostgresListener(options: PostgresListenerOptions): Promise<PostgresListener> {
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  let session = await listen(options);
  let isUp = true;

  async function keepListening(): Promise<void> {
    while (!stopping.signal.aborted) {
      const lost = await session.lost(stopping.signal);
      isUp = false;
      await session.close();
      if (stopping.signal.aborted) return;
      options.onWarning('the database listener lost its connection', lost);
      session = await reconnect();
    }
  }

  async function reconnect(): Promise<Session> {
    for (let attempt = 0; ; attempt++) {
      const pause = Math.min(longestBackoffMs, 100 * 2 ** attempt) * (0.5 + random() / 2);
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return session;
      try {
        const next = await listen(options, stopping.signal);
        isUp = true;
        options.onWake();
        return next;
      } catch (error) {
        options.onWarning('the database listener could not connect', error);
      }
    }
  }

  const ended = keepListening();
  return {
    get isUp() {
      return isUp;
    },
    stop: async () => {
      stopping.abort();
      await ended;
      await session.close();
    },
  };
}

interface Session {
  /** Resolves with the reason once the connection is lost, or when `signal` aborts. */
  lost(signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

async function listen(options: PostgresListenerOptions, signal?: AbortSignal): Promise<Session> {
  const { heartbeatMs = defaultHeartbeatMs, heartbeatTimeoutMs = defaultHeartbeatTimeoutMs } = options;
  const client = options.connect();
  const broken = Promise.withResolvers<unknown>();
  client.on('error', broken.resolve);
  client.on('end', () => broken.resolve(new Error('the connection ended')));
  client.on('notification', () => options.onWake());
  const cut = () => client.connection.stream.destroy();
  signal?.addEventListener('abort', cut);
  try {
    await client.connect();
    const over = new AbortController();
    const listening = await Promise.race([
      openSession(client, noTimeouts, options.schema).then(() =>
        client.query(`LISTEN ${client.escapeIdentifier(options.channel)}`),
      ),
      delay(heartbeatTimeoutMs, undefined, { signal: over.signal }),
    ]).finally(() => over.abort());
    if (!listening) throw new Error(`no answer to LISTEN within ${heartbeatTimeoutMs} ms`);
  } catch (error) {
    await closeClient(client);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cut);
  }

  async function heartbeat(signal: AbortSignal): Promise<unknown> {
    for (;;) {
      await delay(heartbeatMs, undefined, { signal });
      const answer = await Promise.race([
        client.query('SELECT 1 FROM pg_listening_channels() AS c(name) WHERE name = $1', [options.channel]),
        delay(heartbeatTimeoutMs, undefined, { signal, ref: false }),
      ]);
      if (answer === undefined) return new Error(`no answer to a heartbeat within ${heartbeatTimeoutMs} ms`);
      if (answer.rowCount === 0) return new Error('the connection no longer listens');
    }
  }

  return {
    lost: async (signal) => {
      const over = new AbortController();
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      try {
        return await Promise.race([
          broken.promise,
          aborted,
          heartbeat(AbortSignal.any([signal, over.signal])).catch((error: unknown) => error),
        ]);
      } finally {
        over.abort();
      }
    },
    close: () => closeClient(client),
  };
}
