import type { Viewer } from '@muster/core';
import { viewerKey } from './rateLimiter.ts';

/** W9: how many bytes may wait for peers that don't read. */
export interface UnsentLimits {
  /** Bytes for one connection past which nothing more is taken from it. */
  readonly pauseBytes: number;
  /** Bytes for one connection past which it is closed, unless its peer takes some within `stuckMs`. */
  readonly closeBytes: number;
  readonly stuckMs: number;
  /** Bytes for all connections of one credential; past them, the connection that has been behind for longest is closed. */
  readonly credentialBytes: number;
  /** Called for each connection that is closed. */
  onClosed?(): void;
}

/** A connection, as far as bytes that wait for it go. */
export interface UnsentConnection {
  /** Closes it, without waiting for its peer. */
  destroy(): void;
}

/** The bytes that wait for one connection. */
export interface Unsent {
  /** Whether its peer is to read before anything more is taken from it. */
  readonly isBehind: boolean;
  /** Counts the connection for the viewer's credential; before that, it counts for none. */
  assign(viewer: Viewer): void;
  /** Says how many bytes wait now. May destroy this connection, or another of the same credential. */
  set(bytes: number): void;
  /** Destroys the connection, whose peer has read nothing for too long. */
  close(): void;
}

/** Counts the bytes that have been written, and that the system has not taken since a peer doesn't read. */
export class UnsentBytes {
  readonly #limits: UnsentLimits;
  /** By credential. */
  readonly #accounts = new Map<string, Account>();

  constructor(limits: UnsentLimits) {
    this.#limits = limits;
  }

  /** All bytes that wait. */
  get bytes(): number {
    let bytes = 0;
    for (const account of this.#accounts.values()) bytes += account.bytes;
    return bytes;
  }

  /** A connection for which nothing waits so far. */
  open(connection: UnsentConnection): Unsent {
    return new ConnectionBytes(this.#limits, this.#accounts, connection);
  }
}

/** The connections of one credential for which bytes wait: the one that has been behind for longest comes first. */
interface Account {
  bytes: number;
  readonly behind: Set<ConnectionBytes>;
}

class ConnectionBytes implements Unsent {
  readonly #limits: UnsentLimits;
  readonly #accounts: Map<string, Account>;
  readonly #connection: UnsentConnection;
  #key = '';
  #bytes = 0;
  /** Runs while too many bytes wait, and nothing is taken. */
  #stuck: NodeJS.Timeout | undefined;

  constructor(limits: UnsentLimits, accounts: Map<string, Account>, connection: UnsentConnection) {
    this.#limits = limits;
    this.#accounts = accounts;
    this.#connection = connection;
  }

  get isBehind(): boolean {
    return this.#bytes > this.#limits.pauseBytes;
  }

  assign(viewer: Viewer): void {
    const bytes = this.#bytes;
    this.#count(0);
    this.#key = viewerKey(viewer);
    this.#count(bytes);
  }

  set(bytes: number): void {
    if (bytes === this.#bytes) return;
    const { closeBytes, stuckMs, credentialBytes } = this.#limits;
    if (bytes < this.#bytes) this.#stopWaiting();
    this.#count(bytes);
    if (bytes > closeBytes) this.#stuck ??= setTimeout(() => this.close(), stuckMs).unref();
    const account = this.#accounts.get(this.#key);
    if (!account || account.bytes <= credentialBytes) return;
    // A single connection may be sent several long answers: its own bound is another.
    for (const connection of account.behind) {
      if (account.behind.size === 1 || account.bytes <= credentialBytes) break;
      connection.close();
    }
  }

  close(): void {
    this.#stopWaiting();
    this.#count(0);
    this.#limits.onClosed?.();
    this.#connection.destroy();
  }

  #stopWaiting(): void {
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
  }

  #count(bytes: number): void {
    const account = this.#accounts.get(this.#key) ?? { bytes: 0, behind: new Set() };
    account.bytes += bytes - this.#bytes;
    this.#bytes = bytes;
    if (bytes > 0) account.behind.add(this);
    else account.behind.delete(this);
    if (account.behind.size > 0) this.#accounts.set(this.#key, account);
    else this.#accounts.delete(this.#key);
  }
}
