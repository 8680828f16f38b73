import type { AssignmentFragment, PluginReportInput, PluginState } from '@muster/client';

/** A JSON object, such as labels and tags. */
export type JsonObject = { readonly [key: string]: unknown };

/** The identity of a plugin on its supervisor. */
export interface PluginIdentity {
  readonly pluginId: string;
  readonly version: string;
}

/** An agent's report on one plugin. */
export type PluginReport = PluginReportInput;

/** A plugin as the server knows it. */
export interface ListedPlugin extends PluginIdentity {
  readonly state: PluginState;
  /** Grows by 1 with each recovery that an operator asks for. */
  readonly generation: number;
}

/** A plugin that a supervisor must run. */
export type Assignment = AssignmentFragment;

/** The key of a plugin among those of its supervisor, for maps and sets. */
export function pluginKey(plugin: PluginIdentity): string {
  return `${plugin.pluginId} ${plugin.version}`;
}
