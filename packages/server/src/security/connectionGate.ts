import type { Socket } from 'node:net';
import type { LoopTurns } from '../limits/loopTurns.ts';
import type { ClosingCause } from '../observe/closingCause.ts';
import { type ClientAddress, clientAddress, type TrustedProxies } from './clientAddress.ts';
import { Connection } from './connection.ts';

/** The parameters of a gate. */
export interface GateOptions {
  /** The most connections of one address that have shown no credential; proxies that are trusted have no such bound. */
  readonly maxPerAddress: number;
  /** The most connections that have shown no credential. */
  readonly maxTotal: number;
  readonly proxies: TrustedProxies;
  /** Where many connections come at once, addresses take turns. */
  readonly turns: LoopTurns;
  /** Milliseconds that only go forward. */
  now(): number;
  onClosed(cause: ClosingCause): void;
}

/**
 * The time for which a connection isn't counted against its address: a fleet behind one address may connect all at once,
 * and its connections show their credentials as soon as they have been read.
 */
const graceMs = 1_000;

/** The gate that all fronts share (W11): connections that have shown no credential are few, whatever port they came by. */
export interface ConnectionGate {
  /** How many connections have shown no credential. */
  readonly waiting: number;
  /**
   * Counts a new connection, until it is authenticated or closed.
   *
   * @param begin begins to read what comes; called at once, or in a turn of the connection's address (W3)
   */
  open(socket: Socket, begin: () => void): Connection;
  /** Notes that a front has closed a connection. */
  noteClosed(cause: ClosingCause): void;
  /** Closes, in a second, the connections that have shown no credential and haven't ended by themselves. */
  close(): void;
}

/** Makes a gate. */
export function createConnectionGate(options: GateOptions): ConnectionGate {
  return new Gate(options);
}

/** A peer that goes away before its turn is no error of the server. */
function ignoreGone(): void {}

class Gate implements ConnectionGate {
  readonly #options: GateOptions;
  /** The connections that have shown no credential, oldest first; all of them, and by their addresses. */
  readonly #waiting = new Set<Connection>();
  readonly #byAddress = new Map<string, Set<Connection>>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  open(socket: Socket, begin: () => void): Connection {
    const { proxies, now, maxTotal, maxPerAddress, turns } = this.#options;
    const address = clientAddress(proxies, socket.remoteAddress, undefined);
    const isProxy = proxies.has(address.text);
    const connection = new Connection({ socket, address, isProxy, onSettled: () => leave() });
    const leave = () => this.#leave(connection);
    socket.once('close', leave);
    this.#waiting.add(connection);
    const ofAddress = this.#ofAddress(address).add(connection);
    if (!isProxy && ofAddress.size > maxPerAddress) this.#sweepLater();
    if (this.#waiting.size > maxTotal) this.#closeOne();
    socket.on('error', ignoreGone);
    void turns.run(address.key, () => {
      if (socket.destroyed) return;
      socket.off('error', ignoreGone);
      connection.begunAtMs = now();
      begin();
    });
    return connection;
  }

  noteClosed(cause: ClosingCause): void {
    this.#options.onClosed(cause);
  }

  close(): void {
    clearTimeout(this.#sweep);
    // Answers may be on their way still.
    setTimeout(() => {
      for (const connection of this.#waiting) connection.destroy();
    }, graceMs).unref();
  }

  #ofAddress({ key }: ClientAddress): Set<Connection> {
    const found = this.#byAddress.get(key) ?? new Set();
    this.#byAddress.set(key, found);
    return found;
  }

  #leave(connection: Connection): void {
    this.#waiting.delete(connection);
    const { key } = connection.address;
    const ofAddress = this.#byAddress.get(key);
    ofAddress?.delete(connection);
    if (ofAddress?.size === 0) this.#byAddress.delete(key);
  }

  #sweepLater(): void {
    // After the timers come the sockets, and after those the immediates: everything that has arrived is read before.
    this.#sweep ??= setTimeout(() => setImmediate(() => this.#closeOld()), graceMs).unref();
  }

  /** Closes the oldest connections of each address that has too many of them, as far as their time is over. */
  #closeOld(): void {
    this.#sweep = undefined;
    for (const connections of [...this.#byAddress.values()]) {
      const [oldest] = connections;
      if (oldest?.isProxy) continue;
      let excess = connections.size - this.#options.maxPerAddress;
      for (const connection of connections) {
        if (excess <= 0 || !this.#isOld(connection)) break;
        this.#close(connection, 'address');
        excess -= 1;
      }
      if (excess > 0) this.#sweepLater();
    }
  }

  #isOld({ begunAtMs }: Connection): boolean {
    return this.#options.now() - begunAtMs >= graceMs;
  }

  /**
   * Closes a connection of the address with the most: a crowd of connections closes its own, and nobody else's. Its oldest goes;
   * where even that one is new, its newest, since the older ones are about to show their credentials.
   */
  #closeOne(): void {
    let most: ReadonlySet<Connection> = new Set();
    for (const connections of this.#byAddress.values()) if (connections.size > most.size) most = connections;
    const [oldest] = most;
    if (!oldest) return;
    this.#close(this.#isOld(oldest) ? oldest : ([...most].at(-1) ?? oldest), 'total');
  }

  #close(connection: Connection, cause: ClosingCause): void {
    this.#leave(connection);
    connection.destroy();
    this.#options.onClosed(cause);
  }
}
