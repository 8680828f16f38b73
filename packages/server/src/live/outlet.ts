import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * Writes ready-made frames beside `ws`, to the connection that the upgrade gave: whole frames, uncompressed, so the two
 * can take turns. It spares what `ws` does for each message.
 */
export interface Outlet {
  /** False while the peer doesn't read as fast as it is written to: write no more, `onDrain` tells when to go on. */
  readonly ready: boolean;
  /** Whether the system has taken all of it by now: else the buffer must be left alone for good. */
  write(frames: Buffer): boolean;
  onDrain(resume: () => void): void;
  /**
   * Has `release` called once the connection is gone, or once another subscription takes the same id: graphql-ws loses
   * sight of one that was completed while it began if its id is used again at once. Returns how to withdraw it.
   */
  hold(id: string, release: () => void): () => void;
}

export function createOutlet(webSocket: WebSocket, connection: Duplex): Outlet {
  let waiting: (() => void)[] = [];
  let full = false;
  const held = new Map<string, () => void>();
  const resume = () => {
    full = false;
    const resumed = waiting;
    waiting = [];
    for (const callback of resumed) callback();
  };
  webSocket.once('close', () => {
    resume();
    for (const release of [...held.values()]) release();
  });
  return {
    get ready() {
      return !full && !connection.writableNeedDrain;
    },
    write: (frames) => {
      if (webSocket.readyState !== webSocket.OPEN) return true;
      connection.write(frames);
      return connection.writableLength === 0;
    },
    onDrain: (callback) => {
      if (!full) {
        full = true;
        connection.once('drain', resume);
      }
      waiting.push(callback);
    },
    hold: (id, release) => {
      held.get(id)?.();
      held.set(id, release);
      if (webSocket.readyState === webSocket.CLOSED) queueMicrotask(release);
      return () => {
        if (held.get(id) === release) held.delete(id);
      };
    },
  };
}
