import type { JsonObject, PluginIdentity } from '../contract.ts';
import catalog from './plugins.json' with { type: 'json' };

/** A supervisor of the demo: its identity, its plugins, and how its operator registers it. */
export interface SupervisorPlan {
  readonly domainId: string;
  readonly name: string;
  readonly hostname: string;
  readonly plugins: readonly PluginIdentity[];
  /** The round, from 1 on, of the first publish. */
  readonly joinsInRound: number;
  readonly registration: {
    readonly labels: JsonObject;
    readonly tags: JsonObject;
    readonly priority: number;
    readonly isPublic: boolean;
  };
}

/** The domains that the demo plays in. */
export const domainIds = ['acme', 'globex', 'initech'] as const;

const sites = [
  { name: 'eu-prod', env: 'prod', region: 'eu-central-1', priority: 20 },
  { name: 'us-prod', env: 'prod', region: 'us-east-1', priority: 20 },
  { name: 'ap-staging', env: 'staging', region: 'ap-northeast-2', priority: 10 },
  { name: 'dev', env: 'dev', region: 'eu-central-1', priority: 0 },
] as const;

const owners = ['platform', 'observability', 'finops'] as const;
const pluginsEach = 4;
const joinersInFirstRound = 6;
const joinersPerRound = 2;

/**
 * Plans a supervisor at each site of each domain. The fleet is the same whatever the seed, so that a restarted demo
 * finds its supervisors instead of leaving those of the last run behind.
 */
export function planFleet(): SupervisorPlan[] {
  const places = sites.flatMap((site) => domainIds.map((domainId) => ({ site, domainId })));
  return places.map(({ site, domainId }, index) => {
    const name = `${site.name}-supervisor`;
    return {
      domainId,
      name,
      hostname: `${name}.${domainId}.svc.cluster.local`,
      plugins: pluginsOf(index),
      joinsInRound: Math.max(1, 2 + Math.floor((index - joinersInFirstRound) / joinersPerRound)),
      registration: {
        labels: { env: site.env, region: site.region },
        tags: { owner: owners[index % owners.length] },
        priority: site.priority,
        // The first is open to plugins of other domains.
        isPublic: index === 0,
      },
    };
  });
}

/** Assigns plugins so that neighbours share one, as popular plugins run on several supervisors. */
function pluginsOf(index: number): PluginIdentity[] {
  const { plugin_ids: ids, example_versions: versions } = catalog;
  return Array.from({ length: pluginsEach }, (_, i) => index * (pluginsEach - 1) + i).map((n) => ({
    pluginId: ids[n % ids.length] ?? '',
    version: versions[n % versions.length] ?? '',
  }));
}
