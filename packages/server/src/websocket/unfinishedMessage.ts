import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { BodyUnderWay } from '../limits/bodyBytes.ts';

/** The part of a frame's header that each frame has: two bytes, and the mask of a client's frame. */
const leastHeaderBytes = 6;

/** Messages of less than this are not counted: most come in one piece. */
const countedFromBytes = 4_096;

/** The parameters of the count of a socket's unfinished message. */
export interface UnfinishedMessageOptions {
  readonly webSocket: WebSocket;
  readonly connection: Duplex;
  /** How long a message may be under way, in milliseconds. */
  readonly timeoutMs: number;
  /** Begins to count an unfinished message. */
  open(): BodyUnderWay;
  /** Called when too much is under way, or for too long; the socket is to be closed. */
  refuse(): void;
}

/**
 * Counts what has come of a message that is not complete (W9); `ws` keeps it, and does not say how much it is. Call it
 * after `ws` has taken the connection, so that a message is known before the last of its bytes is counted.
 */
export function countUnfinishedMessage({
  webSocket,
  connection,
  timeoutMs,
  open,
  refuse,
}: UnfinishedMessageOptions): void {
  let completeBytes = 0;
  /** Pings and pongs come between the parts of a message, and are exactly as long as they say. */
  let controlBytes = 0;
  let unfinishedBytes = 0;
  let counted: BodyUnderWay | undefined;
  let timer: NodeJS.Timeout | undefined;

  function end(): void {
    clearTimeout(timer);
    counted?.end();
    counted = undefined;
  }

  function count(bytes: number): void {
    try {
      if (!counted) {
        counted = open();
        timer = setTimeout(refuse, timeoutMs).unref();
      }
      counted.add(bytes);
    } catch {
      refuse();
    }
  }

  const control = (data: Buffer) => {
    controlBytes += data.length + leastHeaderBytes;
  };
  webSocket.on('message', (data: Buffer) => {
    completeBytes += data.length + leastHeaderBytes;
  });
  webSocket.on('ping', control);
  webSocket.on('pong', control);
  webSocket.once('close', end);
  connection.on('data', (chunk: Buffer) => {
    const cameBytes = chunk.length - controlBytes;
    const isComplete = completeBytes > 0;
    // After a complete message, no more than the end of this chunk can be unfinished.
    unfinishedBytes = isComplete
      ? Math.min(chunk.length, Math.max(0, unfinishedBytes + cameBytes - completeBytes))
      : Math.max(0, unfinishedBytes + cameBytes);
    completeBytes = 0;
    controlBytes = 0;
    if (isComplete) end();
    if (unfinishedBytes >= countedFromBytes) count(counted ? cameBytes : unfinishedBytes);
  });
}
