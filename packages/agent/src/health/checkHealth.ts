import { once } from 'node:events';
import { connect } from 'node:net';
import type { Observed, ObservedPort } from '../driver/observed.ts';
import type { HealthSpec } from '../driver/runSpec.ts';
import { checkGrpc } from './checkGrpc.ts';

/** G3: how long one check may take. */
const checkTimeoutMs = 2_000;

/** One check of a running thing's health: null where it is healthy, else why not, in words. */
export type CheckHealth = (thing: Observed, health: HealthSpec) => Promise<string | null>;

/** Asks a running thing for its health, as its spec says (G3). */
export const checkHealth: CheckHealth = async (thing, health) => {
  if (health.kind === 'NONE') return null;
  const port = health.port === null ? thing.ports[0] : thing.ports.find(({ name }) => name === health.port);
  if (!port) return `expected the port ${health.port ?? 'that it listens on'}; the engine shows none yet`;
  const timeout = AbortSignal.timeout(checkTimeoutMs);
  switch (health.kind) {
    case 'GRPC':
      return checkGrpc(port, health.service ?? '', checkTimeoutMs, () => checkTcp(port, timeout));
    case 'TCP':
      return checkTcp(port, timeout);
    case 'HTTP':
      return checkHttp(port, health.path ?? '/', timeout);
  }
};

async function checkTcp({ host, port }: ObservedPort, signal: AbortSignal): Promise<string | null> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal });
    return null;
  } catch (error) {
    return `no connection to port ${port}: ${reasonOf(error, signal)}`;
  } finally {
    socket.destroy();
  }
}

async function checkHttp({ host, port }: ObservedPort, path: string, signal: AbortSignal): Promise<string | null> {
  const bare = host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${bare}:${port}${path}`, { signal, redirect: 'manual' });
    await response.body?.cancel();
    // As Kubernetes judges its probes.
    return response.status >= 200 && response.status < 400 ? null : `HTTP ${response.status} of ${path}`;
  } catch (error) {
    return `no answer of HTTP at port ${port}: ${reasonOf(error, signal)}`;
  }
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `not within ${checkTimeoutMs} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
