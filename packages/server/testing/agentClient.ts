import { status } from '@grpc/grpc-js';
import type { Answer, ReflectionClient } from './reflectionClient.ts';

/** A plugin in the answer of `list_plugins`, by the fields that an agent needs. */
export interface ListedPlugin {
  plugin_id: string;
  version: string;
  state: string;
  domain_id: string;
}

/** The outcome of one tick. */
interface Tick {
  /** The states of the listed plugins; null where the list was refused. */
  listed: Record<string, string> | null;
  /** The details of the refusal that ended the tick; absent where none did. */
  refusal?: string;
  /** How often the list was asked for. */
  asked: number;
  installed: string[];
  reinstalled: string[];
  deleted: string[];
  /** Whether the tick reached its publish. */
  published: boolean;
}

/** An agent that a test moves by ticks. */
export interface AgentClient {
  /** The endpoint of each running plugin, by `plugin_id version`. */
  readonly running: ReadonlyMap<string, string>;
  /** Runs one tick. A failure ends the tick, and the promise resolves all the same. */
  tick(): Promise<Tick>;
}

/** The settings of an agent. */
export interface AgentClientOptions {
  client: ReflectionClient;
  domainId: string;
  hostname: string;
  /** The credential; none by default. */
  token?: string;
  /** Runs before each install; a rejection makes the install fail. */
  onInstall?: (plugin: ListedPlugin) => Promise<void>;
  /** The state in which the agent reports a running plugin. Default: ACTIVE. */
  stateOf?: (name: string) => 'ACTIVE' | 'ERROR';
  /** Runs before the publish of a tick. */
  onPublish?: () => Promise<void>;
}

const service = 'spaceone.api.plugin.v1.Supervisor';
const retries = 2;

/**
 * An agent that behaves like the existing ones (wire.md): it knows of the server only what reflection describes,
 * reinstalls every plugin that a list shows as RE_PROVISIONING or ERROR, deletes every plugin that a list lacks, gives
 * each install a new endpoint, and reports no generations.
 */
export function createAgent({
  client,
  domainId: domain_id,
  hostname,
  token,
  onInstall = async () => {},
  stateOf = () => 'ACTIVE',
  onPublish = async () => {},
}: AgentClientOptions): AgentClient {
  const running = new Map<string, string>();
  const metadata = token === undefined ? {} : { token };
  let installs = 0;

  /** Retries a bare UNAVAILABLE at once, and nothing whose details begin with `ERROR_`. */
  async function callWithRetries(method: string, request: object, onTry = () => {}): Promise<Answer> {
    for (let tries = 0; ; tries++) {
      try {
        onTry();
        return await client.call(service, method, request, { metadata });
      } catch (error) {
        const { code, details } = error as { code?: number; details?: string };
        if (code !== status.UNAVAILABLE || details?.startsWith('ERROR_') || tries === retries) throw error;
      }
    }
  }

  async function install(plugin: ListedPlugin): Promise<void> {
    running.delete(nameOf(plugin));
    await onInstall(plugin);
    installs += 1;
    running.set(nameOf(plugin), `grpc://${hostname}:${50_000 + installs}`);
  }

  async function publish(): Promise<void> {
    const plugin_info = [...running].map(([name, endpoint]) => {
      const [plugin_id, version] = name.split(' ');
      return { plugin_id, version, state: stateOf(name), endpoint, endpoints: [endpoint] };
    });
    const request = { name: hostname, hostname, tags: {}, domain_id, plugin_info };
    // Existing agents ignore the answer, and a refusal too.
    await callWithRetries('publish', request).catch(() => {});
  }

  async function run(tick: Tick): Promise<void> {
    const list = await callWithRetries('list_plugins', { domain_id, hostname }, () => {
      tick.asked += 1;
    });
    const plugins = pluginsOf(list);
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
      const tick: Tick = { listed: null, asked: 0, installed: [], reinstalled: [], deleted: [], published: false };
      await run(tick).catch(({ details }: { details?: string }) => {
        if (details !== undefined) tick.refusal = details;
      });
      return tick;
    },
  };
}

/** The plugins of a list. @throws Error where a plugin lacks a field that an agent needs */
function pluginsOf({ results }: Answer): ListedPlugin[] {
  const plugins = results as ListedPlugin[];
  const broken = plugins.find(({ plugin_id, version, domain_id }) => !plugin_id || !version || !domain_id);
  if (broken) throw new Error(`expected a plugin with its id, version and domain; got ${JSON.stringify(broken)}`);
  return plugins;
}

function nameOf({ plugin_id, version }: Pick<ListedPlugin, 'plugin_id' | 'version'>): string {
  return `${plugin_id} ${version}`;
}
