import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Unsent } from '../limits/unsent.ts';

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
  /** Counts bytes that are held back for the peer, beside those that have been written; negative once they are not. */
  hold(bytes: number): void;
  /**
   * Calls `release` once the connection is gone, or once another subscription takes the same id: graphql-ws forgets an
   * operation that was completed while still starting if the client reuses its id immediately. Returns how to withdraw.
   */
  onceGone(id: string, release: () => void): () => void;
}

/** The writer of a WebSocket, which takes nothing from a peer that is behind (W9). */
export interface WebSocketWriter extends SocketWriter {
  /** Sends a message by `ws`. Resolves once the system has taken it, or the peer has gone. */
  send(text: string): Promise<void>;
  /** Resolves once the peer has read enough to ask for more, or has gone; undefined where it has. */
  caughtUp(): Promise<void> | undefined;
}

/** The parameters of a WebSocket's writer. */
export interface WebSocketWriterOptions {
  readonly webSocket: WebSocket;
  readonly connection: Duplex;
  /** The bytes that wait for the peer. */
  readonly unsent: Unsent;
  /** Called when the peer is no longer behind. */
  onCaughtUp(): void;
}

/** The writer of a WebSocket. */
export function createSocketWriter(options: WebSocketWriterOptions): WebSocketWriter {
  return new FrameSocketWriter(options);
}

/** A class, since there are thousands, each of which is read for each event. */
class FrameSocketWriter implements WebSocketWriter {
  readonly #webSocket: WebSocket;
  readonly #connection: Duplex;
  #full = false;
  #waiting: (() => void)[] = [];
  readonly #releases = new Map<string, () => void>();
  readonly #unsent: Unsent;
  readonly #onCaughtUp: () => void;
  #heldBytes = 0;
  #isPaused = false;
  /** Operations that wait until the peer has caught up. */
  #behind: (() => void)[] = [];

  constructor({ webSocket, connection, unsent, onCaughtUp }: WebSocketWriterOptions) {
    this.#webSocket = webSocket;
    this.#connection = connection;
    this.#unsent = unsent;
    this.#onCaughtUp = onCaughtUp;
    // The answers to pings wait for a peer that doesn't read, too.
    webSocket.on('ping', () => this.#count());
    webSocket.once('close', () => {
      this.#unsent.set(0);
      this.#resume();
      this.#goOn();
      for (const release of [...this.#releases.values()]) release();
    });
  }

  get ready(): boolean {
    return !this.#full && !this.#connection.writableNeedDrain;
  }

  caughtUp(): Promise<void> | undefined {
    if (!this.#isPaused) return undefined;
    return new Promise((resolve) => this.#behind.push(resolve));
  }

  write(frames: Buffer): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return true;
    this.#connection.write(frames);
    if (this.#connection.writableLength === 0) return true;
    this.#count();
    return false;
  }

  send(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#webSocket.send(text, () => {
        this.#count();
        resolve();
      });
      this.#count();
    });
  }

  onDrain(resume: () => void): void {
    this.#awaitDrain();
    this.#waiting.push(resume);
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#count();
  }

  onceGone(id: string, release: () => void): () => void {
    this.#releases.get(id)?.();
    this.#releases.set(id, release);
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) queueMicrotask(release);
    return () => {
      if (this.#releases.get(id) === release) this.#releases.delete(id);
    };
  }

  /** Bytes below the high-water mark aren't counted: no event tells that the system has taken them. */
  #count(): void {
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) return;
    const { writableNeedDrain, writableLength } = this.#connection;
    if (writableNeedDrain) this.#awaitDrain();
    this.#unsent.set(this.#heldBytes + (writableNeedDrain ? writableLength : 0));
    if (this.#unsent.isBehind) this.#pause();
    else if (this.#isPaused) this.#goOn();
  }

  /** From now on the peer's messages wait in its own system. */
  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#webSocket.pause();
  }

  #goOn(): void {
    this.#isPaused = false;
    this.#webSocket.resume();
    this.#onCaughtUp();
    const behind = this.#behind;
    this.#behind = [];
    for (const resume of behind) resume();
  }

  #awaitDrain(): void {
    if (this.#full) return;
    this.#full = true;
    this.#connection.once('drain', () => this.#resume());
  }

  #resume(): void {
    this.#full = false;
    const resumed = this.#waiting;
    this.#waiting = [];
    for (const callback of resumed) callback();
    this.#count();
  }
}
