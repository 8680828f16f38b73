import type { PluginState, Rollout, RolloutStep } from '@muster/db';
import {
  commandRollout,
  installPlugin,
  type RolloutCommand,
  uncordonSupervisor,
  upgradePlugin,
  type Viewer,
} from '../src/index.ts';
import { advancePlacement } from '../src/placement/advance.ts';
import type { UpgradeInput } from '../src/placement/rollout/upgrade.ts';
import { sweep } from '../src/sweep/sweep.ts';
import { tick } from './agent.ts';
import { enabledSupervisor, newDomain, pastLeaseMs, type TestCore, type TestDomain, useTestCore } from './testCore.ts';

type Version = { pluginId: string; version: string };
type StateOf = (plugin: Version) => PluginState | null;

const pluginId = 'collector';

/** The verbs of tests about rollouts. `begin` gives each test a new domain. */
export function useRolloutTest() {
  // Tests pass leases and deadlines on purpose.
  const t: TestCore = useTestCore({ settings: { holdMinimum: 1_000 } });
  let domain: TestDomain = newDomain();
  let hostnames: string[] = [];

  const report = (hostname: string, stateOf?: StateOf) => tick(t, domain, hostname, stateOf);
  const advance = () => advancePlacement(t.core);

  /** A rollout with its steps in their order. */
  function read({ id }: { id: string }): Promise<Rollout & { steps: RolloutStep[] }> {
    const include = { steps: { orderBy: { position: 'asc' } } } as const;
    return t.db.prisma.rollout.findUniqueOrThrow({ where: { id }, include });
  }

  return {
    t,
    pluginId,
    get domain() {
      return domain;
    },
    get stranger(): Viewer {
      return newDomain().viewer;
    },
    begin: () => {
      domain = newDomain();
      hostnames = [];
    },
    report,
    advance,
    sweep: () => sweep(t.core),
    read,
    /** Supervisors that run the old version, of ever greater priority; their ids. */
    fleet: async (...names: string[]): Promise<[string, ...string[]]> => {
      const ids: string[] = [];
      for (const [priority, hostname] of names.entries()) {
        const { id } = await enabledSupervisor(t, domain, { hostname });
        await t.db.prisma.supervisor.update({ where: { id }, data: { priority } });
        await installPlugin(t.core, domain.operator, { pluginId, version: '1.0', supervisorId: id });
        await report(hostname);
        ids.push(id);
      }
      hostnames.push(...names);
      return ids as [string, ...string[]];
    },
    /** An upgrade whose steps are done as soon as the new version is ACTIVE, unless `input` says otherwise. */
    upgrade: (input: Partial<UpgradeInput> = {}) =>
      upgradePlugin(t.core, domain.operator, { pluginId, from: '1.0', to: '2.0', minHealthySeconds: 0, ...input }),
    command: (rollout: { id: string }, command: RolloutCommand) =>
      commandRollout(t.core, domain.operator, { rolloutId: rollout.id }, command),
    uncordon: (supervisorId: string) => uncordonSupervisor(t.core, domain.operator, { supervisorId }),
    /** The agent's tick, and what placement makes of it. */
    play: async (hostname: string, stateOf?: StateOf) => {
      await report(hostname, stateOf);
      await advance();
    },
    /** Lets the lease of one supervisor run out, while the others go on. */
    leave: async (hostname: string, ...others: string[]) => {
      t.advance(pastLeaseMs);
      for (const other of others) await report(other);
      await sweep(t.core);
      const gone = await t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId, hostname } });
      if (gone.state !== 'DISCONNECTED') throw new Error(`${hostname} is ${gone.state}`);
    },
    /** The wanted plugins with their states, as `a 1.0 ACTIVE`. */
    wanted: async (): Promise<string[]> => {
      const plugins = await t.db.prisma.plugin.findMany({
        where: { domainId: domain.domainId, wanted: true },
        include: { supervisor: true },
      });
      return plugins.map(({ supervisor, version, state }) => `${supervisor.hostname} ${version} ${state}`).sort();
    },
    /** The state of a rollout, and those of its steps. */
    progress: async (rollout: { id: string }): Promise<string[]> => {
      const { state, steps } = await read(rollout);
      return [state, ...steps.map((step) => step.state)];
    },
    failing: ({ version }: Version): PluginState => (version === '2.0' ? 'ERROR' : 'ACTIVE'),
    failingOld: ({ version }: Version): PluginState => (version === '1.0' ? 'ERROR' : 'ACTIVE'),
    silent: ({ version }: Version): PluginState | null => (version === '2.0' ? null : 'ACTIVE'),
  };
}
