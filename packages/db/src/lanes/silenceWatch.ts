import { Client, type ClientConfig } from 'pg';
import { closeClient } from '../closeClient.ts';

/** How long a statement may wait for its answer until it is asked whether the database answers at all, in milliseconds. */
const patienceMs = 2_000;

/** Those whose statements may wait for answers. */
export interface Waiting {
  /** Whether a statement, or a new connection, is waited for since this time or before, by `performance.now`. */
  waitsSince(sentAtMs: number): boolean;
  /** Gives up on all that wait: for an answer, or for their turn. */
  cutSilent(silentMs: number): void;
}

/**
 * Notices that the database is silent for all (O2): while a statement waits for long, another connection is opened. If that
 * gets no answer either, the statement's own timeout, which may be much longer, isn't waited for.
 */
export class SilenceWatch {
  readonly #waiting: readonly Waiting[];
  readonly #isSilent: () => Promise<boolean>;
  readonly #onSilence: () => void;
  #isAsking = false;

  constructor(waiting: readonly Waiting[], isSilent: () => Promise<boolean>, onSilence: () => void) {
    this.#waiting = waiting;
    this.#isSilent = isSilent;
    this.#onSilence = onSilence;
  }

  /** To be called now and then. */
  async check(nowMs: number): Promise<void> {
    const sentAtMs = nowMs - patienceMs;
    if (this.#isAsking || !this.#waiting.some((each) => each.waitsSince(sentAtMs))) return;
    this.#isAsking = true;
    try {
      if (!(await this.#isSilent()) || !this.#waiting.some((each) => each.waitsSince(sentAtMs))) return;
      this.#onSilence();
      const silentMs = Math.round(performance.now() - sentAtMs);
      for (const each of this.#waiting) each.cutSilent(silentMs);
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Whether a new connection gets no answer within the time that connecting may take. An error is an answer. */
export async function isSilent(connection: ClientConfig): Promise<boolean> {
  const client = new Client({ ...connection, application_name: 'muster probe' });
  client.on('error', () => {});
  try {
    await client.connect();
    return false;
  } catch (error) {
    return error instanceof Error && /^timeout expired|ETIMEDOUT/.test(error.message);
  } finally {
    await closeClient(client);
  }
}
