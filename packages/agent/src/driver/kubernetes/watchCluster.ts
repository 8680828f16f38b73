import { createChangeSignal } from '../changeSignal.ts';
import type { Cluster, ClusterCall } from './cluster.ts';
import { apps } from './ownDeployments.ts';

/** How to watch. */
export interface WatchOptions {
  readonly labelSelector: string;
  /** How long the server lets a watch last. */
  readonly watchSeconds: number;
  /** The longest silence until a watch counts as dead. */
  readonly silenceMs: number;
}

/**
 * Yields whenever a Deployment or a pod may have changed, until one of the two watches ends. Nothing is kept of what they
 * say: a watch can stop in silence, and so it lasts a minute at most, and the caller lists anyhow.
 *
 * @throws DriverError ENGINE_UNAVAILABLE at a watch that is silent for too long
 */
export async function* watchCluster(
  cluster: Cluster,
  { labelSelector, watchSeconds, silenceMs }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<void, void> {
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  const changes = createChangeSignal();

  async function watch(call: Pick<ClusterCall, 'group' | 'path'>): Promise<void> {
    const query = { watch: 'true', labelSelector, timeoutSeconds: String(watchSeconds) };
    const { chunks } = await cluster.stream({ method: 'GET', ...call, query, signal: ending, timeoutMs: silenceMs });
    for await (const _ of chunks) changes.notify();
  }
  const over = Promise.race([watch({ group: apps, path: 'deployments' }), watch({ path: 'pods' })])
    .finally(() => ended.abort())
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  // Its end is waited for below.
  over.catch(() => {});
  try {
    yield* changes.changes(ending);
    await over;
  } finally {
    ended.abort();
  }
}
