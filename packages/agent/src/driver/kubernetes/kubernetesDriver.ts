import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesConfig } from '../../config/agentConfig.ts';
import type { Driver, DriverOwner } from '../driver.ts';
import { DriverError } from '../driverError.ts';
import { withDriverErrors } from '../driverFailures.ts';
import { lines } from '../http/lines.ts';
import { labelNames } from '../identity.ts';
import { selectionLabels, selectorOf } from './annotations.ts';
import { type ClusterCall, openCluster } from './cluster.ts';
import { createClusterKey } from './clusterKey.ts';
import { containerName, deploymentOf, secretOf, serviceOf } from './manifests.ts';
import { type Deployment, newestOf, observeDeployment, type Pod } from './observeDeployment.ts';
import { apps, createOwnDeployments } from './ownDeployments.ts';
import { watchCluster } from './watchCluster.ts';

/** How Deployments are run. */
export interface KubernetesDriverOptions extends DriverOwner, KubernetesConfig {
  /** The longest silence of the API server during a call, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Seconds that a watch lasts; then it is opened anew. Default 60. */
  readonly watchSeconds?: number;
  /** Milliseconds between two looks at pods that are ending. Default 500. */
  readonly lookIntervalMs?: number;
}

/**
 * Runs plugins as Deployments of one pod, each with a Service, in one namespace. The cluster starts again what ends, and
 * fetches images itself. A thing's id is its name.
 *
 * @throws ConfigError if no cluster is configured; none is asked before the first call
 */
export async function openKubernetesDriver(options: KubernetesDriverOptions): Promise<Driver> {
  const { owner, imagePullSecrets, timeoutMs = 30_000, watchSeconds = 60, lookIntervalMs = 500 } = options;
  const cluster = openCluster(options, timeoutMs);
  const closing = new AbortController();
  const own = createOwnDeployments(cluster, owner);
  const ownSelector = selectorOf({ [labelNames.owner]: owner });
  const selector = (id: string) => selectorOf(selectionLabels(owner, id));
  const key = createClusterKey(cluster, own, owner);
  const podsOf = async (labelSelector: string) =>
    (await cluster.json<{ items: Pod[] }>({ method: 'GET', path: 'pods', query: { labelSelector } })).items;

  return withDriverErrors({
    kind: 'kubernetes',
    restartsItself: true,
    runsBeside: true,
    hashKey: key.value,
    list: async () => {
      const query = { labelSelector: ownSelector };
      const [{ items }, pods] = await Promise.all([
        cluster.json<{ items: Deployment[] }>({ method: 'GET', group: apps, path: 'deployments', query }),
        podsOf(ownSelector),
        key.keep(),
      ]);
      const found = items.map((deployment) => observeDeployment(deployment, pods, cluster.namespace));
      return found.filter((each) => each !== undefined);
    },
    create: async (spec) => {
      if (spec.image === null) throw new DriverError('REFUSED', 'expected an image; got none');
      if (await own.has(spec)) return spec.name;
      // The Deployment comes last, since it is what a list shows: whatever is broken off before is made again.
      await own.apply(undefined, 'secrets', secretOf(spec));
      const service = serviceOf(spec);
      if (service) await own.apply(undefined, 'services', service);
      await own.apply(apps, 'deployments', deploymentOf(spec, imagePullSecrets));
      return spec.name;
    },
    start: async (id) => {
      await own.require(id);
      await own.scale(id, 1);
    },
    stop: async (id, graceMs) => {
      if ((await own.read(id)) === undefined) return;
      await own.scale(id, 0);
      const gracePeriodSeconds = Math.ceil(graceMs / 1_000);
      const query = { labelSelector: selector(id) };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds };
      await cluster.send({ method: 'DELETE', path: 'pods', query, body });
      const deadline = performance.now() + graceMs + timeoutMs;
      while ((await podsOf(selector(id))).length > 0) {
        if (performance.now() > deadline) throw new DriverError('ENGINE_UNAVAILABLE', `the pods of ${id} don't end`);
        await sleep(lookIntervalMs);
      }
    },
    remove: async (id) => {
      if ((await own.read(id)) === undefined) return;
      // The Deployment goes last: until then a list shows that something is left.
      await own.delete(undefined, `services/${id}`);
      await own.delete(undefined, `secrets/${id}`);
      await own.delete(apps, `deployments/${id}`);
    },
    logs: async function* (id, { tail, follow, signal }) {
      await own.require(id);
      const pod = newestOf(await podsOf(selector(id)));
      if (pod === undefined) return;
      const query = { container: containerName, tailLines: String(tail), follow: String(follow) };
      const ending = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      const call: ClusterCall = { method: 'GET', path: `pods/${pod.metadata.name}/log`, query, signal: ending };
      try {
        yield* lines((await cluster.stream(follow ? call : { ...call, timeoutMs })).chunks);
      } catch (error) {
        if (!ending.aborted) throw error;
      }
    },
    events: (signal) => {
      const silenceMs = watchSeconds * 1_000 + timeoutMs;
      const ending = AbortSignal.any([signal, closing.signal]);
      return watchCluster(cluster, { labelSelector: ownSelector, watchSeconds, silenceMs }, ending);
    },
    close: async () => closing.abort(),
  });
}
