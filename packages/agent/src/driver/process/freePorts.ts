import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Finds a port for each name on which nobody listens now, and none of which is in `taken`: ports of plugins that don't
 * listen yet. The port in `wanted` is kept where it is still free, so that an endpoint lasts over restarts.
 */
export async function freePorts(
  names: readonly string[],
  wanted: ReadonlyMap<string, number>,
  taken: ReadonlySet<number>,
): Promise<{ name: string; port: number }[]> {
  const chosen = new Set(taken);
  const ports: { name: string; port: number }[] = [];
  for (const name of names) {
    const before = wanted.get(name);
    let port = before === undefined || chosen.has(before) ? undefined : await listenOnce(before);
    while (port === undefined || chosen.has(port)) port = await listenOnce(0);
    chosen.add(port);
    ports.push({ name, port });
  }
  return ports;
}

/** The port on which a server could just listen, on all addresses; 0 lets the system choose. Undefined where it can't. */
async function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : undefined;
}
