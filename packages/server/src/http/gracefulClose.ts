import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { GracePeriod } from '../limits/gracePeriod.ts';
import type { Connection } from '../security/connection.ts';
import type { HttpFront } from './httpServer.ts';

/** How often connections whose last request has ended are closed. */
const closeIdleMs = 50;

/** The time that running requests have at least to end, in milliseconds, however long other fronts took. */
const leastGraceMs = 500;

/**
 * Returns how to end a server: it accepts no more connections, lets running requests end, and cuts off those that don't.
 * Call it before the server listens, since it must know of each connection.
 */
export function createGracefulClose(
  { server, connections }: HttpFront,
  gracePeriod: Pick<GracePeriod, 'leftMs'>,
): () => Promise<void> {
  /**
   * The request that runs on each connection, the last one where several do. Node counts unused ones as busy. By connection:
   * a set to which each request is added would keep answers that were sent (see queue.ts of the package db).
   */
  const running = new Map<Connection, ServerResponse | 'none' | 'unused'>();
  server.on('connection', (socket: Socket) => {
    const connection = connections.of(socket);
    running.set(connection, 'unused');
    socket.once('close', () => running.delete(connection));
  });
  server.on('upgrade', ({ socket }) => running.delete(connections.of(socket)));
  // Before the listener that answers, which may do so at once.
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    const connection = connections.of(socket);
    if (running.has(connection)) running.set(connection, response);
    response.once('close', () => {
      if (running.get(connection) === response) running.set(connection, 'none');
    });
    if (!server.listening) endConnectionAfter(response);
  });

  return async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const [connection, response] of running) {
      if (response === 'unused') connection.destroy();
      else if (response !== 'none') endConnectionAfter(response);
    }
    // A connection that is kept alive becomes idle only after its running request.
    const closeIdle = setInterval(() => server.closeIdleConnections(), closeIdleMs);
    const cutOff = setTimeout(() => server.closeAllConnections(), Math.max(leastGraceMs, gracePeriod.leftMs));
    await closed;
    clearInterval(closeIdle);
    clearTimeout(cutOff);
  };
}

/** Tells the client that no other request is taken on its connection, if nothing has been said yet. */
function endConnectionAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
