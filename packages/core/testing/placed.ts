import type { Supervisor } from '@muster/db';
import { installPlugin } from '../src/index.ts';
import { tick } from './agent.ts';
import { enabledSupervisor, type TestCore, type TestDomain } from './testCore.ts';

/** The plugin of tests about one plugin. */
export const identity = { pluginId: 'collector', version: '1.0' };

/** Where a domain wants its plugin, and the state there, by hostname. */
export async function wantedIn(test: TestCore, { domainId }: TestDomain): Promise<Record<string, string>> {
  const plugins = await test.db.prisma.plugin.findMany({
    where: { domainId, wanted: true },
    include: { supervisor: true },
  });
  return Object.fromEntries(plugins.map(({ supervisor, state }) => [supervisor.hostname, state]));
}

/** A new supervisor, the only one of the domain that can take the plugin, with the plugin ACTIVE. */
export async function installedIn(test: TestCore, domain: TestDomain, hostname: string): Promise<Supervisor> {
  const supervisor = await enabledSupervisor(test, domain, { hostname });
  await installPlugin(test.core, domain.operator, identity);
  await tick(test, domain, hostname);
  return supervisor;
}
