import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * Writes ready-made frames beside `ws`, to the connection of the upgrade: whole, uncompressed frames, so that the two can
 * take turns. This saves the work that `ws` does for each message.
 */
export interface SocketWriter {
  /** False while the peer reads more slowly than it is written to: write no more until `onDrain` calls back. */
  readonly ready: boolean;
  /** Whether the system has taken all of the frames: if not, the buffer must never be changed again. */
  write(frames: Buffer): boolean;
  /** Calls `resume` once the peer has read enough, or the connection is gone. */
  onDrain(resume: () => void): void;
  /**
   * Calls `release` once the connection is gone, or once another subscription takes the same id: graphql-ws forgets an
   * operation that was completed while still starting if the client reuses its id immediately. Returns how to withdraw.
   */
  onceGone(id: string, release: () => void): () => void;
}

/** The writer of a WebSocket. */
export function createSocketWriter(webSocket: WebSocket, connection: Duplex): SocketWriter {
  return new WebSocketWriter(webSocket, connection);
}

/** A class, since there are thousands, each of which is read for each event. */
class WebSocketWriter implements SocketWriter {
  readonly #webSocket: WebSocket;
  readonly #connection: Duplex;
  #full = false;
  #waiting: (() => void)[] = [];
  readonly #releases = new Map<string, () => void>();

  constructor(webSocket: WebSocket, connection: Duplex) {
    this.#webSocket = webSocket;
    this.#connection = connection;
    webSocket.once('close', () => {
      this.#resume();
      for (const release of [...this.#releases.values()]) release();
    });
  }

  get ready(): boolean {
    return !this.#full && !this.#connection.writableNeedDrain;
  }

  write(frames: Buffer): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return true;
    this.#connection.write(frames);
    return this.#connection.writableLength === 0;
  }

  onDrain(resume: () => void): void {
    if (!this.#full) {
      this.#full = true;
      this.#connection.once('drain', () => this.#resume());
    }
    this.#waiting.push(resume);
  }

  onceGone(id: string, release: () => void): () => void {
    this.#releases.get(id)?.();
    this.#releases.set(id, release);
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) queueMicrotask(release);
    return () => {
      if (this.#releases.get(id) === release) this.#releases.delete(id);
    };
  }

  #resume(): void {
    this.#full = false;
    const resumed = this.#waiting;
    this.#waiting = [];
    for (const callback of resumed) callback();
  }
}
