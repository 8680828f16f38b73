import { fileURLToPath } from 'node:url';
import { processesBelow } from './processes.ts';

/** The program of the sample plugin, as agent.yaml names it. */
export const samplePlugin = fileURLToPath(
  new URL('../../../../sample-plugin/bin/muster-sample-plugin', import.meta.url),
);

/** A process of the sample plugin. */
export interface SamplePlugin {
  readonly pid: number;
  readonly pluginId: string;
  readonly version: string;
}

/**
 * The sample plugins that run below a folder, in the order of their versions. The machine is asked, and neither the server nor an agent.
 *
 * @param folder the state folder of an agent, which has the logs of its plugins, or a folder above it
 */
export async function samplePluginsBelow(folder: string): Promise<SamplePlugin[]> {
  const plugins = (await processesBelow(folder))
    // Its wrappers name the program too, and run another one.
    .filter(({ command }) => command[1]?.endsWith('/sample-plugin/src/main.ts'))
    .map(({ pid, environment }) => ({
      pid,
      pluginId: environment.get('MUSTER_PLUGIN_ID') ?? '',
      version: environment.get('MUSTER_PLUGIN_VERSION') ?? '',
    }));
  return plugins.sort((one, other) => one.version.localeCompare(other.version) || one.pid - other.pid);
}
