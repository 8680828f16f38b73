import { type Core, getSupervisorsOfPlugins } from '@muster/core';
import type { Plugin } from '@muster/db';
import type { MessageJson } from '../proto/messageJson.ts';
import { pluginMessage } from './messages.ts';

/** Plugins as PluginInfos; reads the present names of their supervisors. */
export async function readPluginMessages(core: Core, plugins: readonly Plugin[]): Promise<MessageJson[]> {
  const supervisors = await getSupervisorsOfPlugins(core, [
    ...new Set(plugins.map(({ supervisorId }) => supervisorId)),
  ]);
  return plugins.map((plugin) => pluginMessage(plugin, supervisors.get(plugin.supervisorId)?.name ?? ''));
}
