import type { Socket } from 'node:net';
import type { ClientAddress } from './clientAddress.ts';

/** The parameters of a connection. */
export interface ConnectionOptions {
  /** Null once it has ended. */
  readonly socket: Socket | null;
  readonly address: ClientAddress;
  readonly isProxy: boolean;
  /** Called once, when the connection has shown a credential. */
  onSettled(): void;
}

/** A client's connection, whatever front it came by. */
export class Connection {
  /** The address of its other end, which is a client's or a proxy's. */
  readonly address: ClientAddress;
  /** Whether its other end is a proxy whose word about the client's address counts. */
  readonly isProxy: boolean;
  /** When its front began to read it, in milliseconds that only go forward; Infinity before. */
  begunAtMs = Number.POSITIVE_INFINITY;
  /** The name in the certificate that the client has shown; null without one. */
  certificateName: string | null = null;
  readonly #socket: Socket | null;
  #onSettled: (() => void) | null;

  constructor({ socket, address, isProxy, onSettled }: ConnectionOptions) {
    this.#socket = socket;
    this.address = address;
    this.isProxy = isProxy;
    this.#onSettled = onSettled;
  }

  /** Whether a credential has been shown over it. */
  get isSettled(): boolean {
    return this.#onSettled === null;
  }

  /** Notes that a credential has been shown over it. */
  settle(): void {
    this.#onSettled?.();
    this.#onSettled = null;
  }

  /** Cuts it off. */
  destroy(): void {
    this.#socket?.destroy();
  }
}
