import type { Socket } from 'node:net';
import type { Connection } from '../security/connection.ts';
import type { HttpFront } from './httpServer.ts';

/** The time that running requests have to end once the server stops. */
const gracePeriodMs = 5_000;
/** How often connections whose last request has ended are closed. */
const closeIdleMs = 50;

/**
 * Returns how to end a server: it accepts no more connections, lets running requests end, and cuts off those that don't.
 * Call it before the server listens, since it must know of each connection.
 */
export function createGracefulClose({ server, connections }: HttpFront): () => Promise<void> {
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

  return async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of unused) connection.destroy();
    // A connection that is kept alive becomes idle only after its running request.
    const closeIdle = setInterval(() => server.closeIdleConnections(), closeIdleMs);
    const cutOff = setTimeout(() => server.closeAllConnections(), gracePeriodMs);
    await closed;
    clearInterval(closeIdle);
    clearTimeout(cutOff);
  };
}
