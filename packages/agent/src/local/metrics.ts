import type { PluginState } from '@muster/client';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The figures that a monitor reads at /metrics, in the Prometheus text format. */
export interface AgentMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  restarted(pluginId: string): void;
  /** Counts the outcome of a publish: taken, refused or away. */
  published(outcome: string): void;
  pulled(seconds: number): void;
  /** Adds the figures of the present state, which are read whenever the metrics are. */
  watch(state: WatchedState): void;
}

/** The present state, for gauges. Times are in milliseconds since 1970, null: never. */
interface WatchedState {
  pluginStates(): readonly PluginState[];
  publishedAtMs(): number | null;
  listedAtMs(): number | null;
  isDriverUp(): boolean;
}

const states: readonly PluginState[] = ['PROVISIONING', 'ACTIVE', 'ERROR'];

/** Makes a registry that no other agent in this process shares. */
export function createMetrics(): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const restarts = new Counter({
    name: 'muster_agent_restarts_total',
    help: 'Restarts of plugins after a failure.',
    labelNames: ['plugin_id'],
    registers,
  });
  const publishes = new Counter({
    name: 'muster_agent_publish_total',
    help: 'Publishes, by outcome: taken, refused by the server, or the server is away.',
    labelNames: ['outcome'],
    registers,
  });
  const pulls = new Histogram({
    name: 'muster_agent_pull_seconds',
    help: 'How long images took to fetch.',
    buckets: [1, 5, 15, 60, 300, 900],
    registers,
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    restarted: (pluginId) => restarts.inc({ plugin_id: pluginId }),
    published: (outcome) => publishes.inc({ outcome }),
    pulled: (seconds) => pulls.observe(seconds),
    watch: (state) => watchState(registry, state),
  };
}

function watchState(registry: Registry, state: WatchedState): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const ageOf = (atMs: number | null) => (atMs === null ? Number.NaN : (Date.now() - atMs) / 1_000);
  gauge('muster_agent_publish_age_seconds', 'Since the server last took a report; NaN: never.', () =>
    ageOf(state.publishedAtMs()),
  );
  gauge('muster_agent_assignments_age_seconds', 'Since the last whole list of assignments came; NaN: never.', () =>
    ageOf(state.listedAtMs()),
  );
  gauge('muster_agent_driver_up', 'Whether the engine answers.', () => Number(state.isDriverUp()));
  new Gauge({
    name: 'muster_agent_plugins',
    help: 'Plugins, by the state that is reported.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const found = Map.groupBy(state.pluginStates(), (each) => each);
      for (const each of states) this.set({ state: each }, found.get(each)?.length ?? 0);
    },
  });
}
