import type { Socket } from 'node:net';
import { Client, type ClientConfig, type QueryConfig } from 'pg';
import { closeClient } from '../closeClient.ts';
import { SilentConnectionError } from './workErrors.ts';

/** How long a statement may wait for its answer until the database is asked about it on another connection, in milliseconds. */
const patienceMs = 2_000;

/** A statement without an answer yet. */
export interface Pending {
  /** When it was sent, by `performance.now`. */
  readonly sentAtMs: number;
  /** Its connection: the server's process, and what has come in on it so far. */
  readonly connection: { readonly processId: number | null; readonly bytesRead: number };
  /** Cuts that connection: all that waits for it fails. */
  cut(error: SilentConnectionError): void;
}

/** Those whose statements may wait for answers. */
export interface Waiting {
  /** Whether a statement, or a new connection, is waited for since this time or before, by `performance.now`. */
  waitsSince(sentAtMs: number): boolean;
  /** The statements that were sent at this time or before, one of each connection. */
  pendingSince(sentAtMs: number): readonly Pending[];
  /** Gives up on all that wait: for an answer, or for their turn. */
  cutSilent(silentMs: number): void;
}

/** Finds out, on other connections, which of the server's processes have nothing to do; null if no one answers. */
export type FindIdle = (processIds: readonly number[]) => Promise<ReadonlySet<number> | null>;

/** Hears of answers, and says whether any can be hoped for. */
export interface Silence {
  /** Notes that an answer came. */
  noteAnswer(): void;
  /** Why nothing is to be sent now, since nothing is answered; null most often. */
  refusal(): SilentConnectionError | null;
}

/**
 * Notices silence that nobody has announced (O2). While a statement waits for long, another connection is opened.
 *
 * - If that gets no answer, and no other statement does, the database is silent for all: what waits is given up, and nothing
 *   more is sent, until a new connection gets through.
 * - If it does, and says that the server's process has nothing to do though its client waits, that one connection is silent: it
 *   is cut. A slow statement is not: its process is busy.
 */
export class SilenceWatch implements Silence {
  readonly #findIdle: FindIdle;
  readonly #onChange: (isSilent: boolean) => void;
  readonly #waiting: Waiting[] = [];
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #silentSinceMs: number | null = null;
  #asking = 0;
  /** Connections whose process had nothing to do at the last look, with the bytes that had come in by then. */
  #suspects = new Map<number, number>();

  constructor(findIdle: FindIdle, onChange: (isSilent: boolean) => void) {
    this.#findIdle = findIdle;
    this.#onChange = onChange;
  }

  /** Looks after these, too. */
  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  noteAnswer(): void {
    this.#answeredAtMs = performance.now();
  }

  refusal(): SilentConnectionError | null {
    if (this.#silentSinceMs === null) return null;
    return new SilentConnectionError(Math.round(performance.now() - this.#silentSinceMs));
  }

  /** To be called each second. */
  async check(nowMs: number): Promise<void> {
    if (this.#silentSinceMs !== null) return this.#lookForEnd();
    const sentAtMs = nowMs - patienceMs;
    if (this.#asking > 0 || !this.#waiting.some((each) => each.waitsSince(sentAtMs))) return;
    const idle = await this.#ask(this.#pendingSince(sentAtMs));
    if (idle !== null) this.#cutSuspects(idle, sentAtMs);
    // An answer on any connection shows that it is only new ones that get none.
    else if (this.#answeredAtMs < nowMs && this.#waiting.some((each) => each.waitsSince(sentAtMs)))
      this.#giveUp(sentAtMs);
  }

  /** Asks once more, though other questions may be under way: the first one that is answered tells that all is well. */
  async #lookForEnd(): Promise<void> {
    if ((await this.#ask([])) === null || this.#silentSinceMs === null) return;
    this.#silentSinceMs = null;
    this.#onChange(false);
  }

  async #ask(pending: readonly Pending[]): Promise<ReadonlySet<number> | null> {
    this.#asking += 1;
    try {
      const ids = pending.map(({ connection }) => connection.processId);
      return await this.#findIdle(ids.filter((id) => id !== null));
    } finally {
      this.#asking -= 1;
    }
  }

  #pendingSince(sentAtMs: number): readonly Pending[] {
    return this.#waiting.flatMap((each) => each.pendingSince(sentAtMs));
  }

  /** An answer may be on its way: only a connection on which nothing has come since the last look is cut. */
  #cutSuspects(idle: ReadonlySet<number>, sentAtMs: number): void {
    const suspects = new Map<number, number>();
    for (const { connection, sentAtMs: ownSentAtMs, cut } of this.#pendingSince(sentAtMs)) {
      const { processId, bytesRead } = connection;
      if (processId === null || !idle.has(processId)) continue;
      if (this.#suspects.get(processId) === bytesRead) cut(silentSince(ownSentAtMs));
      else suspects.set(processId, bytesRead);
    }
    this.#suspects = suspects;
  }

  #giveUp(sentAtMs: number): void {
    this.#silentSinceMs = sentAtMs;
    this.#onChange(true);
    const silentMs = Math.round(performance.now() - sentAtMs);
    for (const each of this.#waiting) each.cutSilent(silentMs);
  }
}

function silentSince(sentAtMs: number): SilentConnectionError {
  return new SilentConnectionError(Math.round(performance.now() - sentAtMs));
}

/** The facts of a connection that `Pending` has. */
export function connectionOf(client: Client): Pending['connection'] {
  const { processID, connection } = client as Client & { readonly processID: number | null };
  return { processId: processID, bytesRead: (connection.stream as Socket).bytesRead };
}

/**
 * Asks, on a new connection, which of Muster's sessions have nothing to do. An error is an answer, too: none has. Behind a
 * pooler the ids are not those of the server's processes, so none is found.
 */
export async function findIdle(
  config: ClientConfig,
  processIds: readonly number[],
): Promise<ReadonlySet<number> | null> {
  const client = new Client({ ...config, application_name: 'muster probe' });
  client.on('error', () => {});
  const query: QueryConfig & { query_timeout: number } = {
    text: `SELECT pid FROM pg_catalog.pg_stat_activity
      WHERE pid = ANY($1::int[]) AND usename = current_user AND application_name LIKE 'muster %' AND state LIKE 'idle%'`,
    values: [processIds],
    query_timeout: patienceMs,
  };
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(query);
    return new Set(rows.map(({ pid }) => pid));
  } catch (error) {
    const isSilent = error instanceof Error && /^timeout expired|^Query read timeout|ETIMEDOUT/.test(error.message);
    return isSilent ? null : new Set();
  } finally {
    await closeClient(client);
  }
}
