import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesConfig } from '../../config/agentConfig.ts';
import { ConfigError } from '../../config/configError.ts';
import { type EngineRequest, type EngineStream, openStream, textOf } from '../http/openStream.ts';

/** A request to the API of a cluster, in the agent's namespace. Without a time limit it has the cluster's. */
export interface ClusterCall extends Pick<EngineRequest, 'query' | 'body' | 'headers' | 'signal'> {
  readonly method: EngineRequest['method'];
  /** `apps/v1` for Deployments; default: the core group. */
  readonly group?: string;
  /** Below the namespace, such as `pods`. */
  readonly path: string;
  readonly timeoutMs?: number;
}

/** The API of a cluster. Its methods throw EngineRefusal, DriverError ENGINE_UNAVAILABLE, or the signal's reason once aborted. */
export interface Cluster {
  readonly namespace: string;
  json<Answer>(call: ClusterCall): Promise<Answer>;
  send(call: ClusterCall): Promise<void>;
  /** Opens an answer that comes bit by bit, without a time limit unless the call has one. */
  stream(call: ClusterCall): Promise<EngineStream>;
}

/**
 * Finds the cluster and the credentials for it: those of agent.yaml, of the pod, or of the usual places. All the ways to log
 * in are the library's. It is large, so only this driver's code, which is loaded where it is configured, may import it.
 *
 * @param timeoutMs the longest silence during a call that is answered at once
 * @throws ConfigError if there is no such cluster or context
 */
export function openCluster(config: KubernetesConfig, timeoutMs: number): Cluster {
  const kubeConfig = loadConfig(new KubeConfig(), config);
  const server = kubeConfig.getCurrentCluster()?.server;
  if (server === undefined) {
    const context = config.context ?? 'the current context';
    throw new ConfigError(`kubernetes.context: expected a context of a cluster; ${context} is none`);
  }
  const { protocol, hostname, port, pathname } = new URL(server);
  const namespace =
    config.namespace ?? kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace ?? 'default';

  async function open({ group, path, ...call }: ClusterCall, limitMs: number): Promise<EngineStream> {
    const connection: RequestOptions = { protocol, hostname, port };
    // Asked for each request: tokens change while the agent runs.
    await kubeConfig.applyToHTTPSOptions(connection);
    const root = group === undefined ? '/api/v1' : `/apis/${group}`;
    const below = `${root}/namespaces/${encodeURIComponent(namespace)}/${path}`;
    return openStream(connection, { timeoutMs: limitMs, ...call, path: `${pathname.replace(/\/$/, '')}${below}` });
  }
  const text = async (call: ClusterCall) => textOf((await open(call, timeoutMs)).chunks);
  return {
    namespace,
    json: async (call) => JSON.parse(await text(call)),
    send: async (call) => void (await text(call)),
    stream: (call) => open(call, 0),
  };
}

function loadConfig(kubeConfig: KubeConfig, { kubeconfigFile, context }: KubernetesConfig): KubeConfig {
  if (kubeconfigFile === undefined) kubeConfig.loadFromDefault();
  else kubeConfig.loadFromFile(kubeconfigFile);
  if (context !== undefined) kubeConfig.setCurrentContext(context);
  return kubeConfig;
}
