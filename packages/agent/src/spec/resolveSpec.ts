import { createHash, createHmac } from 'node:crypto';
import type { AgentConfig } from '../config/agentConfig.ts';
import { ConfigError } from '../config/configError.ts';
import { readText } from '../config/readConfig.ts';
import type { Identity } from '../driver/identity.ts';
import type { Limits, RunSpec } from '../driver/runSpec.ts';
import type { Wish } from '../plugin/wish.ts';
import type { ReleaseSpec } from './releaseSpec.ts';

/** The spec of a wish, and the texts in it that no log or message may show. */
export interface Resolved {
  readonly spec: RunSpec;
  readonly secrets: readonly string[];
}

/** The agent and the host that a wish is resolved for. */
export interface ResolvedFor {
  readonly config: AgentConfig;
  readonly owner: string;
  readonly agentVersion: string;
  /** The agent's key for hashes of secrets, which must be the same for as long as what it runs. */
  readonly hashKey: string;
  /** The memory of the host, in MiB. */
  readonly hostMemoryMib: number;
}

/**
 * Resolves what to run for a wish: from its release, or, where the version has none, from agent.yaml (G14); with the limits
 * (G12) and the secrets that this host has.
 *
 * @throws ConfigError if agent.yaml lacks an image, a program or a secret, or allows no such memory
 */
export function resolveSpec(wish: Wish, resolvedFor: ResolvedFor): Resolved {
  const { config, owner, agentVersion, hashKey } = resolvedFor;
  const { pluginId, version, domainId } = wish;
  const plugin = ownOf(config.plugins, pluginId);
  const release = wish.release ?? releaseOf(plugin);
  const isTrusted = trusts(config, domainId);
  const { environment, secrets } = environmentOf(wish, release, config, isTrusted);
  const run = {
    image: config.driver === 'process' ? null : imageOf(wish, release, config),
    command: plugin?.executable === undefined ? release.command : [plugin.executable],
    arguments: release.arguments,
    environment: { ...environment, MUSTER_PLUGIN_ID: pluginId, MUSTER_PLUGIN_VERSION: version },
    ports: release.ports,
    health: release.health,
    // Without a release, agent.yaml itself says what runs.
    limits: limitsOf(release, resolvedFor, isTrusted || wish.release === null ? plugin : undefined),
    stopTimeoutSeconds: release.stopTimeoutSeconds,
    pullPolicy: config.images.pullPolicy,
  };
  if (config.driver === 'process' && run.command === null) {
    throw new ConfigError(
      `plugins.${pluginId}.executable: expected a program, since the release of ${version} names no command; got none`,
    );
  }
  // Labels have more readers than secrets: by a hash that anybody can make, a short secret could be guessed.
  const hash = secrets.length === 0 ? hashOf([owner, run]) : keyedHashOf(hashKey, [owner, run]);
  const specHash = hash.slice(0, 16);
  const identity: Identity = {
    owner,
    domainId,
    pluginId,
    version,
    generation: wish.generation,
    specHash,
    agentVersion,
  };
  return { spec: { ...run, identity, name: nameOf(identity) }, secrets };
}

type PluginOfConfig = AgentConfig['plugins'][string] | undefined;

/** The spec of a version without a release: as agent.yaml says, or a gRPC service at the usual port. */
function releaseOf(plugin: PluginOfConfig): ReleaseSpec {
  const health = plugin?.health;
  return {
    image: null,
    command: null,
    arguments: plugin?.arguments ?? [],
    environment: Object.entries(plugin?.environment ?? {}).map(([name, value]) => ({ name, value, secret: null })),
    ports: plugin?.ports ?? [{ name: 'grpc', port: 50_051, scheme: 'grpc' }],
    health: {
      kind: healthKinds[health?.kind ?? 'grpc'],
      port: health?.port ?? null,
      path: health?.path ?? null,
      service: health?.service ?? null,
      intervalSeconds: health?.intervalSeconds ?? 5,
    },
    resources: { memoryMib: null, cpuMillis: null },
    stopTimeoutSeconds: plugin?.stopTimeoutSeconds ?? 10,
  };
}

const healthKinds = { grpc: 'GRPC', tcp: 'TCP', http: 'HTTP', none: 'NONE' } as const;

function imageOf({ pluginId, version }: Wish, release: ReleaseSpec, config: AgentConfig): string {
  if (release.image !== null) return release.image;
  const template = ownOf(config.plugins, pluginId)?.image ?? config.images.template;
  if (template === undefined) {
    throw new ConfigError(
      `images.template: expected it, or plugins.${pluginId}.image, since version ${version} has no release with an image; got neither`,
    );
  }
  return template.replaceAll(/\{(pluginId|version)\}/g, (_, name) => (name === 'version' ? version : pluginId));
}

function environmentOf({ domainId }: Wish, release: ReleaseSpec, config: AgentConfig, isTrusted: boolean) {
  const environment: Record<string, string> = {};
  const secrets: string[] = [];
  for (const { name, value, secret } of release.environment) {
    environment[name] = value ?? '';
    if (secret === null) continue;
    if (!isTrusted) {
      throw new ConfigError(
        `trustedDomains: expected ${domainId} among them, since its release names the secret ${secret}`,
      );
    }
    const place = ownOf(config.secrets, secret);
    if (!place) throw new ConfigError(`secrets.${secret}: expected it for the variable ${name}; got none`);
    const text = readText(place.file, `secrets.${secret}`);
    environment[name] = text;
    secrets.push(text);
  }
  return { environment, secrets };
}

function trusts({ trustedDomains, supervisor }: AgentConfig, domainId: string): boolean {
  if (trustedDomains !== undefined) return trustedDomains.includes(domainId);
  return supervisor.domainId === undefined || supervisor.domainId === domainId;
}

/** The entry of agent.yaml by a name that comes from outside, which may be `constructor`. */
function ownOf<Entry>(entries: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** Operators of the host have the last word, then the release, then the defaults (G12). */
function limitsOf({ resources }: ReleaseSpec, resolvedFor: ResolvedFor, plugin: PluginOfConfig): Limits {
  const { limits } = resolvedFor.config;
  return {
    memoryMib: plugin?.memoryMib ?? allowedMemory(resources.memoryMib, resolvedFor) ?? limits.memoryMib,
    cpuMillis: plugin?.cpuMillis ?? resources.cpuMillis ?? limits.cpuMillis,
    pids: plugin?.pids ?? limits.pids,
    readOnlyRootFilesystem: plugin?.readOnlyRootFilesystem ?? limits.readOnlyRootFilesystem,
    capabilities: plugin?.capabilities ?? limits.capabilities,
    user: plugin?.user ?? limits.user ?? null,
  };
}

/** A bound past the memory of the host is none. A cluster's nodes are others' to bound. */
function allowedMemory(asked: number | null, { config, hostMemoryMib }: ResolvedFor): number | null {
  const most = config.maxReleaseMemoryMib ?? (config.driver === 'kubernetes' ? asked : hostMemoryMib);
  if (asked === null || most === null || asked <= most) return asked;
  throw new ConfigError(
    `maxReleaseMemoryMib: expected a release that asks for at most ${most} MiB of memory; got one that asks for ${asked}`,
  );
}

/** G2: `muster-<domain8>-<plugin>-<hash8>-g<generation>`, of at most 63 characters. */
function nameOf(identity: Identity): string {
  const { domainId, pluginId, version, generation, specHash } = identity;
  const plain = (text: string, length: number) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, length)
      .replace(/-$/, '');
  const hash = hashOf([domainId, pluginId, version, specHash]).slice(0, 8);
  return ['muster', plain(domainId, 8), plain(pluginId, 24), hash, `g${generation}`]
    .filter((part) => part !== '')
    .join('-');
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function keyedHashOf(key: string, value: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex');
}
