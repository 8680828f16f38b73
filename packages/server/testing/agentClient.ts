import { status } from '@grpc/grpc-js';
import type { Answer, ReflectionClient } from './reflectionClient.ts';

/** A plugin as a list names it. */
export interface ListedPlugin {
  plugin_id: string;
  version: string;
  state: string;
  domain_id: string;
}

/** What one tick did, and how far it came. */
export interface Tick {
  /** What the list had, with its states; null where there was no list. */
  listed: Record<string, string> | null;
  installed: string[];
  reinstalled: string[];
  deleted: string[];
  /** Whether it got as far as to publish. */
  published: boolean;
}

export interface AgentClient {
  /** What runs, by `plugin_id version`, and where it answers. */
  readonly running: ReadonlyMap<string, string>;
  /** One tick, serial; what goes wrong in it ends it, and nothing is thrown. */
  tick(): Promise<Tick>;
}

export interface AgentClientOptions {
  client: ReflectionClient;
  domainId: string;
  hostname: string;
  /** Runs before each install; a rejection is an install that fails. */
  onInstall?: (plugin: ListedPlugin) => Promise<void>;
  /** Runs before the publish of a tick. */
  onPublish?: () => Promise<void>;
}

const service = 'spaceone.api.plugin.v1.Supervisor';
const retries = 2;

/**
 * An agent as the existing ones are (wire.md): all that it knows of the server it has from reflection, it reinstalls
 * whatever a list shows as RE_PROVISIONING or ERROR, deletes whatever a list lacks, and gives each install an endpoint
 * that there never was. It knows no generations.
 */
export function createAgent({
  client,
  domainId: domain_id,
  hostname,
  onInstall = async () => {},
  onPublish = async () => {},
}: AgentClientOptions): AgentClient {
  const running = new Map<string, string>();
  let installs = 0;

  async function install(plugin: ListedPlugin): Promise<void> {
    running.delete(nameOf(plugin));
    await onInstall(plugin);
    installs += 1;
    running.set(nameOf(plugin), `grpc://${hostname}:${50_000 + installs}`);
  }

  async function publish(): Promise<void> {
    const plugin_info = [...running].map(([name, endpoint]) => {
      const [plugin_id, version] = name.split(' ');
      return { plugin_id, version, state: 'ACTIVE', endpoint, endpoints: [endpoint] };
    });
    const request = { name: hostname, hostname, tags: {}, domain_id, plugin_info };
    // Its answer is ignored, and so is its refusal.
    await callWithRetries(client, 'publish', request).catch(() => {});
  }

  async function run(tick: Tick): Promise<void> {
    const plugins = pluginsOf(await callWithRetries(client, 'list_plugins', { domain_id, hostname }));
    tick.listed = Object.fromEntries(plugins.map((plugin) => [nameOf(plugin), plugin.state]));
    for (const plugin of plugins.filter(({ state }) => state === 'RE_PROVISIONING' || state === 'ERROR')) {
      await install(plugin);
      tick.reinstalled.push(nameOf(plugin));
    }
    for (const plugin of plugins.filter((each) => !running.has(nameOf(each)))) {
      await install(plugin);
      tick.installed.push(nameOf(plugin));
    }
    for (const name of [...running.keys()].filter((each) => !plugins.some((plugin) => nameOf(plugin) === each))) {
      running.delete(name);
      tick.deleted.push(name);
    }
    await onPublish();
    await publish();
    tick.published = true;
  }

  return {
    running,
    tick: async () => {
      const tick: Tick = { listed: null, installed: [], reinstalled: [], deleted: [], published: false };
      await run(tick).catch(() => {});
      return tick;
    },
  };
}

/** A bare UNAVAILABLE is tried again at once; one that begins with a code is not. */
async function callWithRetries(client: ReflectionClient, method: string, request: object): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    try {
      return await client.call(service, method, request);
    } catch (error) {
      const { code, details } = error as { code?: number; details?: string };
      if (code !== status.UNAVAILABLE || /^[A-Z_]+: /.test(details ?? '') || tries === retries) throw error;
    }
  }
}

/** @throws Error where a plugin lacks what an agent needs of it */
function pluginsOf({ results }: Answer): ListedPlugin[] {
  const plugins = results as ListedPlugin[];
  const broken = plugins.find(({ plugin_id, version, domain_id }) => !plugin_id || !version || !domain_id);
  if (broken) throw new Error(`expected a plugin with its id, version and domain; got ${JSON.stringify(broken)}`);
  return plugins;
}

function nameOf({ plugin_id, version }: Pick<ListedPlugin, 'plugin_id' | 'version'>): string {
  return `${plugin_id} ${version}`;
}
