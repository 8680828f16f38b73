import type { SeenPlugin, SupervisorSituation } from '../src/placement/deployment/deploymentSituation.ts';

/** A plugin that deployment-1 has, and that is served; `parts` differ from that. */
export function seenPlugin(parts: Partial<SeenPlugin> = {}): SeenPlugin {
  return {
    id: 'instance-1',
    version: '1.0',
    state: 'ACTIVE',
    managed: true,
    wanted: true,
    pinned: false,
    unreported: false,
    deploymentId: 'deployment-1',
    isRelocating: false,
    ...parts,
  };
}

/** An ENABLED supervisor that matches, and has these plugins. */
export function matchingSupervisor(id: string, plugins: readonly SeenPlugin[]): SupervisorSituation {
  return {
    id,
    name: id,
    domainId: 'acme',
    state: 'ENABLED',
    isInReach: true,
    cordoned: false,
    lackingLabels: null,
    meetsFilter: true,
    isDraining: false,
    isAway: false,
    isInStep: false,
    hasFailed: false,
    priority: 0,
    pluginCount: 0,
    spreadValue: null,
    plugins,
  };
}
