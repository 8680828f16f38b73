import { LRUCache } from 'lru-cache';
import type { Viewer } from '../access/viewer.ts';
import { DomainError } from '../base/errors.ts';
import { hostnameKey } from '../base/hostname.ts';

/** The time over which wrong secrets are counted. */
const windowMs = 60_000;

/** Supervisors, credentials and pairs of them that are counted; the least recently used are forgotten. */
const maxCounted = 20_000;

/** The supervisor that a publish or a fetch names. */
export interface NamedSupervisor {
  readonly domainId: string;
  readonly hostname: string;
}

interface Count {
  failures: number;
  readonly endsAtMs: number;
}

/**
 * S6: bounds how often secrets are guessed, before any hash is compared. Each process counts for itself. One
 * credential's wrong secrets for one supervisor are bounded always. Those of all credentials for one supervisor, and of
 * one credential for all supervisors, bar only who did not bring the right secret last: neither a guesser nor an agent
 * with an old secret takes the others of a shared credential with it.
 */
export class GuessLimit {
  readonly #now: () => number;
  readonly #perMinute: number;
  readonly #counts = new LRUCache<string, Count>({ max: maxCounted });
  /** The pairs whose last secret was right. */
  readonly #right = new LRUCache<string, true>({ max: maxCounted });

  /**
   * @param now milliseconds since 1970
   * @param perMinute wrong secrets of one credential for one supervisor
   */
  constructor(now: () => number, perMinute: number) {
    this.#now = now;
    this.#perMinute = perMinute;
  }

  /** RATE_LIMITED where too many secrets were wrong within the last minute; null where the secret may be compared. */
  refusalOf(viewer: Viewer, supervisor: NamedSupervisor): DomainError | null {
    if (this.#counts.size === 0) return null;
    const { pair, ofSupervisor, ofCredential } = keysOf(viewer, supervisor);
    const bounds: [key: string, most: number][] = [[pair, this.#perMinute]];
    if (!this.#right.has(pair)) {
      bounds.push([ofSupervisor, supervisorShare * this.#perMinute], [ofCredential, credentialShare * this.#perMinute]);
    }
    const waits = bounds.map(([key, most]) => this.#waitMs(key, most));
    const retryAfterMs = Math.max(...waits);
    if (retryAfterMs === 0) return null;
    return new DomainError(
      'RATE_LIMITED',
      `expected fewer wrong secret keys for ${supervisor.hostname} within a minute; this one was not looked at`,
      { retryAfterMs },
      viewer.subject,
    );
  }

  /** Counts a wrong secret. */
  failed(viewer: Viewer, supervisor: NamedSupervisor): void {
    const { pair, ofSupervisor, ofCredential } = keysOf(viewer, supervisor);
    this.#right.delete(pair);
    for (const key of [pair, ofSupervisor, ofCredential]) {
      const known = this.#counts.get(key);
      if (known && known.endsAtMs > this.#now()) known.failures += 1;
      else this.#counts.set(key, { failures: 1, endsAtMs: this.#now() + windowMs });
    }
  }

  /** Remembers that a secret was right. */
  succeeded(viewer: Viewer, supervisor: NamedSupervisor): void {
    this.#right.set(keysOf(viewer, supervisor).pair, true);
  }

  /** How long the key must wait; 0 where it has failed less often than `most`. */
  #waitMs(key: string, most: number): number {
    const count = this.#counts.get(key);
    return count && count.failures >= most ? Math.max(0, count.endsAtMs - this.#now()) : 0;
  }
}

/** How many times one credential's share all credentials together may fail for a supervisor. */
const supervisorShare = 3;
/** How many times one supervisor's share one credential may fail for all supervisors together. */
const credentialShare = 10;

function keysOf({ credential }: Viewer, { domainId, hostname }: NamedSupervisor) {
  const owner = credential?.id ?? '';
  const key = hostnameKey(hostname);
  // No domain and no credential's id contains NUL, and no hostname comes before another part.
  return {
    pair: `p\0${domainId}\0${owner}\0${key}`,
    ofSupervisor: `s\0${domainId}\0${key}`,
    ofCredential: `c\0${owner}`,
  };
}
