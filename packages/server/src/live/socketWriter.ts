import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * Writes ready-made frames beside `ws`, to the connection that the upgrade gave: whole frames, uncompressed, so the two
 * can take turns. It spares what `ws` does for each message.
 */
export interface SocketWriter {
  /** False while the peer doesn't read as fast as it is written to: write no more, `onDrain` tells when to go on. */
  readonly ready: boolean;
  /** Whether the system has taken all of it by now: else the buffer must be left alone for good. */
  write(frames: Buffer): boolean;
  onDrain(resume: () => void): void;
  /**
   * Has `release` called once the connection is gone, or once another subscription takes the same id: graphql-ws loses
   * sight of one that was completed while it began if its id is used again at once. Returns how to withdraw it.
   */
  onceGone(id: string, release: () => void): () => void;
}

export function createSocketWriter(webSocket: WebSocket, connection: Duplex): SocketWriter {
  return new WebSocketWriter(webSocket, connection);
}

/** A class, since there are thousands, each of which is looked at for each event. */
class WebSocketWriter implements SocketWriter {
  readonly #webSocket: WebSocket;
  readonly #connection: Duplex;
  #full = false;
  #waiting: (() => void)[] = [];
  readonly #held = new Map<string, () => void>();

  constructor(webSocket: WebSocket, connection: Duplex) {
    this.#webSocket = webSocket;
    this.#connection = connection;
    webSocket.once('close', () => {
      this.#resume();
      for (const release of [...this.#held.values()]) release();
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
    this.#held.get(id)?.();
    this.#held.set(id, release);
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) queueMicrotask(release);
    return () => {
      if (this.#held.get(id) === release) this.#held.delete(id);
    };
  }

  #resume(): void {
    this.#full = false;
    const resumed = this.#waiting;
    this.#waiting = [];
    for (const callback of resumed) callback();
  }
}
