import type { Database } from '@muster/db';
import { LRUCache } from 'lru-cache';
import { hostnameKey } from '../base/hostname.ts';
import { recordRefusals } from './sql/recordRefusals.ts';

/** S9: one identity's refusals make at most one event in this time. */
const quietMs = 60_000;

/** Identities whose refusals are counted between two events; the least recently refused are forgotten. */
const maxCounted = 10_000;

/** The cause of a refusal, as the condition words it. */
export type RefusalCause = 'secret' | 'hostname';

/** A publish or fetch that was refused for the identity of its sender. */
export interface RefusedIdentity {
  readonly domainId: string;
  /** The host that the request names. */
  readonly hostname: string;
  /** The host that the credential is bound to; null for none. It carries the condition where the other is unknown. */
  readonly boundHostname: string | null;
  readonly cause: RefusalCause;
  /** Null where no front handed the address on. */
  readonly address: string | null;
}

interface Pending {
  latest: RefusedIdentity;
  count: number;
  /** When they may be written. */
  dueMs: number;
}

/** The parts that this works with. */
export interface RefusedIdentitiesOptions {
  readonly db: Pick<Database, 'sql'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly clockOffsetMs: () => number;
  onWarning(message: string, error: unknown): void;
}

/**
 * S9: tells operators of refused identities by the condition IDENTITY_REFUSED. The first refusal is written at once;
 * further ones are counted here, and written by a sweep once a minute has passed. Where replicas count at the same
 * time, the statement keeps their events a minute apart.
 */
export class RefusedIdentities {
  readonly #options: RefusedIdentitiesOptions;
  readonly #pending = new LRUCache<string, Pending>({ max: maxCounted });

  constructor(options: RefusedIdentitiesOptions) {
    this.#options = options;
  }

  /** Counts a refusal; resolves once it is written, or is left to a sweep. */
  async record(refused: RefusedIdentity): Promise<void> {
    const key = `${refused.domainId}\0${hostnameKey(refused.hostname)}`;
    const known = this.#pending.get(key);
    const pending = known ?? { latest: refused, count: 0, dueMs: this.#options.now() };
    pending.latest = refused;
    pending.count += 1;
    this.#pending.set(key, pending);
    await this.#write(key, pending);
  }

  /** Writes what is due. */
  async flush(): Promise<void> {
    for (const [key, pending] of [...this.#pending.entries()]) await this.#write(key, pending);
  }

  async #write(key: string, pending: Pending): Promise<void> {
    const nowMs = this.#options.now();
    if (pending.dueMs > nowMs) return;
    const { count, latest } = pending;
    if (count === 0) {
      this.#pending.delete(key);
      return;
    }
    // Taken first, so that refusals which come meanwhile are counted anew.
    pending.count = 0;
    pending.dueMs = nowMs + quietMs;
    const { db, clockOffsetMs, onWarning } = this.#options;
    try {
      const outcome = await recordRefusals(db.sql, { ...latest, count, quietMs, clockOffsetMs: clockOffsetMs() });
      if (outcome === 'TOO_EARLY') pending.count += count;
    } catch (error) {
      pending.count += count;
      onWarning('refused identities could not be recorded; a sweep will try again', error);
    }
  }
}
