import { DomainError } from '@muster/core';

/** When a client may try again whose bodies were too many, in milliseconds. */
const retryAfterMs = 1_000;

/** W9: how many bytes of bodies, and of other messages of clients, may be under way. */
export interface BodyLimits {
  readonly totalBytes: number;
  readonly clientBytes: number;
}

/** A client that has no more than this under way is never refused for what others have. */
const smallBytes = 256 * 1024;

/** Counts the bytes of bodies that have begun to come and are not complete. */
export class BodyBytes {
  readonly #limits: BodyLimits;
  readonly #byClient = new Map<string, number>();
  #total = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** All bytes of bodies that are under way. */
  get bytes(): number {
    return this.#total;
  }

  /** A body of which nothing has come so far. @param client the credential, or the connection */
  open(client: string): BodyUnderWay {
    return new Body(this, client);
  }

  /** @throws DomainError RATE_LIMITED */
  add(client: string, bytes: number): void {
    const { totalBytes, clientBytes } = this.#limits;
    const own = (this.#byClient.get(client) ?? 0) + bytes;
    if (bytes > 0) {
      if (own > clientBytes) throw tooMany(clientBytes, 'one client');
      if (own > smallBytes && this.#total + bytes > totalBytes) throw tooMany(totalBytes, 'all clients together');
    }
    this.#total += bytes;
    if (own > 0) this.#byClient.set(client, own);
    else this.#byClient.delete(client);
  }
}

/** The bytes of one body. */
export interface BodyUnderWay {
  /** Counts bytes that have come. @throws DomainError RATE_LIMITED where too many are under way; they are not counted */
  add(bytes: number): void;
  /** Says that the body is complete, or that no more of it is read. Idempotent. */
  end(): void;
}

class Body implements BodyUnderWay {
  readonly #all: BodyBytes;
  readonly #client: string;
  #bytes = 0;

  constructor(all: BodyBytes, client: string) {
    this.#all = all;
    this.#client = client;
  }

  add(bytes: number): void {
    this.#all.add(this.#client, bytes);
    this.#bytes += bytes;
  }

  end(): void {
    if (this.#bytes > 0) this.#all.add(this.#client, -this.#bytes);
    this.#bytes = 0;
  }
}

function tooMany(limit: number, whose: string): DomainError {
  return new DomainError('RATE_LIMITED', `expected at most ${limit} bytes of unfinished bodies of ${whose}`, {
    retryAfterMs,
  });
}
