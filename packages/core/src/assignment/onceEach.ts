import type { Plugin, PluginState } from '@muster/db';

/** The states that an agent is shown, by what they ask of it, the most first. */
const urgency: readonly PluginState[] = ['RE_PROVISIONING', 'PROVISIONING', 'ACTIVE'];

/**
 * P9: an agent's list with each plugin and version once, for agents that know no domains: as long as one domain wants a
 * plugin it is there, in the state that asks the most of the agent.
 */
export function onceEach(plugins: readonly Plugin[]): Plugin[] {
  const found = new Map<string, Plugin>();
  for (const plugin of plugins) {
    const key = `${plugin.pluginId}\0${plugin.version}`;
    const earlier = found.get(key);
    if (!earlier || urgency.indexOf(plugin.state) < urgency.indexOf(earlier.state)) found.set(key, plugin);
  }
  return [...found.values()];
}
