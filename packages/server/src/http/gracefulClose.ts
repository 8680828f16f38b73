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
  /** Connections without a request so far: Node counts them as busy until their first request has ended. */
  const unused = new Set<Connection>();
  const use = (socket: Socket) => void unused.delete(connections.of(socket));
  server.on('connection', (socket: Socket) => {
    const connection = connections.of(socket);
    unused.add(connection);
    socket.once('close', () => unused.delete(connection));
  });
  server.on('request', ({ socket }) => use(socket));
  server.on('upgrade', ({ socket }) => use(socket));
  const underWay = new Set<ServerResponse>();
  // Before the listener that answers, which may do so at once.
  server.prependListener('request', (_request, response: ServerResponse) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (!server.listening) endConnectionAfter(response);
  });

  return async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const response of underWay) endConnectionAfter(response);
    for (const connection of unused) connection.destroy();
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
