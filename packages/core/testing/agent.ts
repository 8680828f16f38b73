import type { Plugin, PluginState } from '@muster/db';
import { listAssignments, type PluginReport } from '../src/index.ts';
import { publish, type TestCore, type TestDomain } from './testCore.ts';

/**
 * An agent's tick: fetches its list, and reports all that is in it, in the state that `stateOf` gives, or not at all for
 * null. It deletes all plugins that are not in the list. Its reports name the domain that each plugin is of (P9).
 */
export async function tick(
  test: TestCore,
  domain: TestDomain,
  hostname: string,
  stateOf: (plugin: { pluginId: string; version: string }) => PluginState | null = () => 'ACTIVE',
): Promise<void> {
  const assigned = await listAssignments(test.core, domain.agent, { hostname });
  await publish(test, domain, { hostname, plugins: reportsOf(hostname, assigned, stateOf) });
}

/** An agent's report about the plugins that it is to run; see `tick`. */
export function reportsOf(
  hostname: string,
  assigned: readonly Pick<Plugin, 'pluginId' | 'version' | 'domainId' | 'generation'>[],
  stateOf: (plugin: { pluginId: string; version: string }) => PluginState | null,
): PluginReport[] {
  return assigned.flatMap(({ pluginId, version, domainId, generation }): PluginReport[] => {
    const state = stateOf({ pluginId, version });
    if (state === null) return [];
    const endpoint = `grpc://${pluginId}-${version}.${hostname}:50051`;
    const message = state === 'ERROR' ? 'no such image' : null;
    return [{ pluginId, version, domainId, state, message, endpoint, observedGeneration: generation }];
  });
}
