import type { Deployment, PluginState } from '@muster/db';
import {
  type CreateDeploymentInput,
  createDeployment,
  type DeleteDeploymentInput,
  deleteDeployment,
  type UpdateDeploymentInput,
  updateDeployment,
  updateSupervisor,
} from '../src/index.ts';
import { advancePlacement } from '../src/placement/advance.ts';
import { sweep } from '../src/sweep/sweep.ts';
import { tick } from './agent.ts';
import { enabledSupervisor, newDomain, pastLeaseMs, type TestCore, type TestDomain, useTestCore } from './testCore.ts';

type StateOf = (plugin: { pluginId: string; version: string }) => PluginState | null;

const pluginId = 'collector';

/** The verbs of tests about deployments. `begin` gives each test a new domain. */
export function useDeploymentTest() {
  // Tests pass leases and deadlines on purpose.
  const t: TestCore = useTestCore({ settings: { holdMinimum: 1_000 } });
  let domain: TestDomain = newDomain();
  const ids = new Map<string, string>();

  const report = (hostname: string, stateOf?: StateOf) => tick(t, domain, hostname, stateOf);
  const idOf = (hostname: string) => ids.get(hostname) ?? hostname;
  const advance = () => advancePlacement(t.core);
  const plugins = () =>
    t.db.prisma.plugin.findMany({ where: { domainId: domain.domainId }, include: { supervisor: true } });

  return {
    t,
    pluginId,
    report,
    advance,
    idOf,
    plugins,
    sweep: () => sweep(t.core),
    get domain() {
      return domain;
    },
    begin: () => {
      domain = newDomain();
      ids.clear();
    },
    /** An ENABLED supervisor with labels. */
    join: async (hostname: string, labels: object = {}): Promise<string> => {
      const { id } = await enabledSupervisor(t, domain, { hostname });
      await updateSupervisor(t.core, domain.operator, { supervisorId: id, labels });
      ids.set(hostname, id);
      return id;
    },
    label: (hostname: string, labels: object) =>
      updateSupervisor(t.core, domain.operator, { supervisorId: idOf(hostname), labels }),
    create: async (input: Partial<CreateDeploymentInput> = {}): Promise<Deployment> => {
      const asked = { name: 'everywhere', pluginId, version: '1.0', mode: 'ALL' as const, ...input };
      const { deployment } = await createDeployment(t.core, domain.operator, {
        ...asked,
        rolloutSettings: { minHealthySeconds: 0, ...input.rolloutSettings },
      });
      if (!deployment) throw new Error('a deployment was not created');
      return deployment;
    },
    update: (deployment: { id: string }, input: Partial<UpdateDeploymentInput>) =>
      updateDeployment(t.core, domain.operator, { deploymentId: deployment.id, ...input }),
    remove: (deployment: { id: string }, input: Partial<DeleteDeploymentInput> = {}) =>
      deleteDeployment(t.core, domain.operator, { deploymentId: deployment.id, ...input }),
    read: ({ id }: { id: string }): Promise<Deployment> => t.db.prisma.deployment.findUniqueOrThrow({ where: { id } }),
    /** The types of the conditions of a deployment. */
    conditions: async ({ id }: { id: string }): Promise<string[]> => {
      const { conditions } = await t.db.prisma.deployment.findUniqueOrThrow({ where: { id } });
      return (conditions as { type: string }[]).map(({ type }) => type);
    },
    /** The agents' ticks, and what placement makes of them, until nothing changes. */
    settle: async (...hostnames: string[]): Promise<void> => {
      let before = '';
      for (let round = 0; round < 20; round++) {
        await advance();
        for (const hostname of hostnames) await report(hostname);
        const after = JSON.stringify((await plugins()).map(({ id, state, wanted }) => [id, state, wanted]));
        if (after === before) break;
        before = after;
      }
      await advance();
    },
    /** Lets the leases of all but these run out. */
    leave: async (...others: string[]) => {
      t.advance(pastLeaseMs);
      for (const other of others) await report(other);
      await sweep(t.core);
    },
    /** The wanted plugins, as `a 1.0`; one-off installs with a star. */
    wanted: async (): Promise<string[]> => {
      const found = (await plugins()).filter(({ wanted }) => wanted);
      return found
        .map(
          ({ supervisor, version, deploymentId }) =>
            `${supervisor.hostname} ${version}${deploymentId === null ? '*' : ''}`,
        )
        .sort();
    },
  };
}
