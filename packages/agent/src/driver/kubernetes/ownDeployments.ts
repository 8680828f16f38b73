import { DriverError } from '../driverError.ts';
import { EngineRefusal } from '../http/engineRefusal.ts';
import { isSameIdentity, labelNames } from '../identity.ts';
import type { RunSpec } from '../runSpec.ts';
import { identityIn, type ObjectMeta } from './annotations.ts';
import type { Cluster } from './cluster.ts';
import type { Deployment } from './observeDeployment.ts';

/** The API group of Deployments. */
export const apps = 'apps/v1';

/** The name by which the cluster knows whose the fields of an object are. */
export const fieldManager = 'muster-agent';
const applying = { 'content-type': 'application/apply-patch+yaml' };
/** The form of a patch that changes what it names. */
export const merging = { 'content-type': 'application/merge-patch+json' };

/** The Deployments of one owner, with their Services and Secrets; those of others aren't there. */
export interface OwnDeployments {
  /** Undefined where there is none. */
  read(id: string): Promise<Deployment | undefined>;
  /** @throws DriverError ABSENT */
  require(id: string): Promise<void>;
  /** Whether a spec's Deployment is there. @throws DriverError NAME_TAKEN if its name belongs to anything else */
  has(spec: RunSpec): Promise<boolean>;
  apply(group: string | undefined, kind: string, manifest: object & { metadata?: { name?: string } }): Promise<void>;
  /** Done where there is none. */
  scale(id: string, replicas: number): Promise<void>;
  /** Done where there is none. */
  delete(group: string | undefined, path: string): Promise<void>;
}

/** @param owner the value of the label on all that is the agent's */
export function createOwnDeployments(cluster: Cluster, owner: string): OwnDeployments {
  const readAny = <Found>(group: string | undefined, path: string) =>
    cluster.json<Found>({ method: 'GET', path, ...(group ? { group } : {}) }).catch(absentAsUndefined);
  const read = async (id: string) => {
    const found = await readAny<Deployment>(apps, `deployments/${id}`);
    return found?.metadata.labels?.[labelNames.owner] === owner ? found : undefined;
  };
  return {
    read,
    require: async (id) => {
      if ((await read(id)) === undefined) throw new DriverError('ABSENT', `there is no Deployment ${id}`);
    },
    has: async ({ name, identity }) => {
      const isOurs = (metadata: ObjectMeta) => {
        const found = identityIn(metadata);
        return found !== undefined && isSameIdentity(found, identity);
      };
      const deployment = await readAny<Deployment>(apps, `deployments/${name}`);
      const service = await readAny<{ metadata: ObjectMeta }>(undefined, `services/${name}`);
      for (const found of [deployment, service]) {
        if (found && !isOurs(found.metadata)) {
          throw new DriverError('NAME_TAKEN', `the name ${name} belongs to another Deployment or Service`);
        }
      }
      return deployment !== undefined;
    },
    apply: (group, kind, manifest) =>
      cluster.send({
        method: 'PATCH',
        ...(group ? { group } : {}),
        path: `${kind}/${manifest.metadata?.name}`,
        query: { fieldManager },
        headers: applying,
        body: manifest,
      }),
    scale: (id, replicas) =>
      cluster
        .send({
          method: 'PATCH',
          group: apps,
          path: `deployments/${id}/scale`,
          query: { fieldManager },
          headers: merging,
          body: { spec: { replicas } },
        })
        .catch(absentAsUndefined),
    delete: (group, path) =>
      cluster
        .send({ method: 'DELETE', path, ...(group ? { group } : {}), query: { propagationPolicy: 'Background' } })
        .catch(absentAsUndefined),
  };
}

/** Undefined for an answer that there is no such object. */
export function absentAsUndefined(error: unknown): undefined {
  if (error instanceof EngineRefusal && error.status === 404) return undefined;
  throw error;
}
