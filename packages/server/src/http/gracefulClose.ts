import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long requests that are under way may take to end once the server stops. */
const drainMs = 5_000;
/** How often a connection whose last request has ended is looked for. */
const lookMs = 50;

/**
 * Returns how to end a server: it takes no more connections, lets what is under way end, and cuts off what doesn't.
 * To be called before the server listens, since it must know of each connection.
 */
export function createDrain(server: Server): () => Promise<void> {
  /** Connections on which nothing was asked: Node counts them as busy until their first request has ended. */
  const unused = new Set<Socket>();
  const use = (socket: Socket) => void unused.delete(socket);
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => use(socket));
  server.on('upgrade', ({ socket }) => use(socket));

  return async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of unused) socket.destroy();
    // A connection that is kept alive becomes idle only after the request that is under way on it.
    const look = setInterval(() => server.closeIdleConnections(), lookMs);
    const cutOff = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearInterval(look);
    clearTimeout(cutOff);
  };
}
