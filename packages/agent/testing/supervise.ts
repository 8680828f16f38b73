import { parseConfig } from '../src/config/readConfig.ts';
import { Supervision } from '../src/loop/supervision.ts';
import type { Wish } from '../src/plugin/wish.ts';
import { resolveSpec } from '../src/spec/resolveSpec.ts';
import type { StateFile } from '../src/state/stateFile.ts';
import type { MemoryEngine } from './memoryEngine.ts';
import { memoryState } from './memoryState.ts';

/** An agent's loop over a engine in memory, without a server. */
export interface Supervised {
  readonly supervision: Supervision;
  readonly stateFile: StateFile;
  /** The reports so far, each as `collector 1.0 ACTIVE g1`. */
  reported(): string[] | null;
  /** The restarts that were counted. */
  readonly restarts: string[];
}

/** Options of a test's loop. */
export interface SuperviseOptions {
  readonly engine: MemoryEngine;
  readonly stateFile?: StateFile;
  /** Lines of agent.yaml beside the server, the driver and the template of images. */
  readonly yaml?: string;
  readonly random?: () => number;
  /** Called before a wish is resolved, to throw. */
  readonly resolve?: (wish: Wish) => void;
  readonly onReport?: () => void;
}

/** Starts the loop of one agent. */
export function supervise(options: SuperviseOptions): Supervised {
  const { engine, stateFile = memoryState(), yaml = '', random = () => 1, onReport = () => {} } = options;
  const config = parseConfig(
    `server: { url: http://127.0.0.1/graphql }\ndriver: docker\nimages: { template: 'r.example/{pluginId}:{version}' }\n${yaml}`,
  );
  const { owner, hashKey } = stateFile.state;
  const restarts: string[] = [];
  const supervision = new Supervision({
    driver: engine.open(owner),
    stateFile,
    resolve: (wish) => {
      options.resolve?.(wish);
      return resolveSpec(wish, { config, owner, agentVersion: '0.1.0', hashKey, hostMemoryMib: 16_384 });
    },
    check: async ({ id }) => (engine.things.get(id)?.isHealthy ? null : 'it does not serve'),
    advertisedHost: 'host.example',
    keepUnusedImagesMs: config.images.keepUnusedHours * 3_600_000,
    onReport,
    observer: {
      restarted: (pluginId) => restarts.push(pluginId),
      pulled: () => {},
      log: () => {},
    },
    random,
  });
  supervision.start();
  return {
    supervision,
    stateFile,
    reported: () =>
      supervision
        .reports()
        ?.map(
          ({ pluginId, version, state, observedGeneration }) =>
            `${pluginId} ${version} ${state} g${observedGeneration}`,
        ) ?? null,
    restarts,
  };
}

/** A wish of the domain acme. */
export function wish(pluginId: string, change: Partial<Wish> = {}): Wish {
  return { domainId: 'acme', pluginId, version: '1.0', generation: 1, release: null, ...change };
}
