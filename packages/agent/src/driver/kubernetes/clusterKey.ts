import { createHash, randomBytes } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import { labelNames } from '../identity.ts';
import type { Cluster } from './cluster.ts';
import { absentAsUndefined, fieldManager, merging, type OwnDeployments } from './ownDeployments.ts';

/** The key of an owner's hashes, which a Secret of the cluster keeps: a pod's folder goes with it. */
export interface ClusterKey {
  /** Finds the key, or draws it where there is none. Done where it is known. */
  keep(): Promise<void>;
  /** Undefined until it is known. */
  value(): string | undefined;
}

/** @param owner the value of the label on all that is the agent's */
export function createClusterKey(cluster: Cluster, own: OwnDeployments, owner: string): ClusterKey {
  const name = `muster-agent-key-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`;
  let known: string | undefined;

  /** A patch that changes nothing is answered with the Secret: the Role gives no right to get one. */
  async function read(): Promise<string | undefined> {
    const patch = { query: { fieldManager }, headers: merging, body: {} };
    const found = await cluster
      .json<V1Secret>({ method: 'PATCH', path: `secrets/${name}`, ...patch })
      .catch(absentAsUndefined);
    return found?.data?.key;
  }

  async function draw(): Promise<string> {
    const key = randomBytes(32).toString('base64');
    const metadata = { name, labels: { [labelNames.owner]: owner, 'app.kubernetes.io/managed-by': 'muster-agent' } };
    const secret: V1Secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { key } };
    await own.apply(undefined, 'secrets', secret);
    return key;
  }

  return {
    keep: async () => {
      known ??= (await read()) ?? (await draw());
    },
    value: () => known,
  };
}
