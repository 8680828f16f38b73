import { parseConfig } from '../src/config/readConfig.ts';
import { openDockerDriver } from '../src/driver/docker/dockerDriver.ts';
import { Supervision } from '../src/loop/supervision.ts';
import type { Wish } from '../src/plugin/wish.ts';
import { resolveSpec } from '../src/spec/resolveSpec.ts';
import type { StateFile } from '../src/state/stateFile.ts';
import { memoryState } from './memoryState.ts';

/** An agent's loop over the docker driver, without a server. Each plugin is healthy while it runs. */
export interface SupervisedDocker {
  readonly supervision: Supervision;
  readonly stateFile: StateFile;
  /** The reports, by the plugins' ids: the state, and the message where there is one. */
  reported(): Record<string, { state: string; message?: string | null | undefined }>;
  /** Ends the agent, as a kill does: nothing is stopped, and nothing said. */
  close(): Promise<void>;
}

/** Options of a test's loop. */
export interface SuperviseDockerOptions {
  readonly socketPath: string;
  /** The image of each plugin, with `{pluginId}`. */
  readonly template: string;
  readonly stateFile?: StateFile;
  /** Lines of agent.yaml beside the server, the driver and the template of images. */
  readonly yaml?: string;
  /** The driver's patience with the engine. Default 30,000. */
  readonly timeoutMs?: number;
}

/** Starts the loop of one agent on an engine. */
export function superviseDocker(options: SuperviseDockerOptions): SupervisedDocker {
  const { socketPath, template, stateFile = memoryState(), yaml = '', timeoutMs = 30_000 } = options;
  const config = parseConfig(
    `server: { url: http://127.0.0.1/graphql }\ndriver: docker\nimages: { template: '${template}' }\n${yaml}`,
  );
  const { owner, hashKey } = stateFile.state;
  const { docker, registries } = config;
  const patience = { timeoutMs, longTimeoutMs: 4 * timeoutMs };
  const driver = openDockerDriver({ ...docker, ...patience, owner, socketPath, registries });
  const supervision = new Supervision({
    driver,
    stateFile,
    resolve: (wish) => resolveSpec(wish, { config, owner, agentVersion: '0.1.0', hashKey, hostMemoryMib: 16_384 }),
    check: async () => null,
    advertisedHost: 'host.example',
    keepUnusedImagesMs: 0,
    onReport: () => {},
    observer: { restarted: () => {}, pulled: () => {}, log: () => {} },
    random: () => 0,
  });
  supervision.start();
  return {
    supervision,
    stateFile,
    reported: () =>
      Object.fromEntries(
        (supervision.reports() ?? []).map(({ pluginId, state, message }) => [pluginId, { state, message }]),
      ),
    close: async () => {
      supervision.close();
      await driver.close();
    },
  };
}

/** A wish of the domain acme, for a version without a release. */
export function wishOf(pluginId: string, change: Partial<Wish> = {}): Wish {
  return { domainId: 'acme', pluginId, version: '1.0', generation: 1, release: null, ...change };
}
