import type { JsonObject, PluginIdentity } from '../contract.ts';
import catalog from './plugins.json' with { type: 'json' };

/** What one supervisor of the demo is and runs, and how its operator registers it. */
export interface SupervisorPlan {
  readonly domainId: string;
  readonly name: string;
  readonly hostname: string;
  readonly plugins: readonly PluginIdentity[];
  /** The round, from 1 on, in which it first publishes. */
  readonly joinsInRound: number;
  readonly registration: {
    readonly labels: JsonObject;
    readonly tags: JsonObject;
    readonly priority: number;
    readonly isPublic: boolean;
  };
}

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
 * A supervisor at each site of each domain. It is the same fleet in each run, whatever the seed, so that a demo which
 * is started again finds its supervisors and doesn't leave the last run's behind.
 */
export function planFleet(): SupervisorPlan[] {
  const places = sites.flatMap((site) => domainIds.map((domainId) => ({ site, domainId })));
  return places.map(({ site, domainId }, place) => {
    const name = `${site.name}-supervisor`;
    return {
      domainId,
      name,
      hostname: `${name}.${domainId}.svc.cluster.local`,
      plugins: pluginsOf(place),
      joinsInRound: Math.max(1, 2 + Math.floor((place - joinersInFirstRound) / joinersPerRound)),
      registration: {
        labels: { env: site.env, region: site.region },
        tags: { owner: owners[place % owners.length] },
        priority: site.priority,
        // One that other domains can place plugins on, too.
        isPublic: place === 0,
      },
    };
  });
}

/** Neighbours share a plugin, as one that is popular runs in more than one place. */
function pluginsOf(place: number): PluginIdentity[] {
  const { plugin_ids: ids, example_versions: versions } = catalog;
  return Array.from({ length: pluginsEach }, (_, i) => place * (pluginsEach - 1) + i).map((n) => ({
    pluginId: ids[n % ids.length] ?? '',
    version: versions[n % versions.length] ?? '',
  }));
}
