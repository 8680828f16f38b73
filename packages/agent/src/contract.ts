/** The parts of Muster's GraphQL API that agents and operators share, as JSON. */

/** A supervisor's state in the API. */
export type SupervisorState = 'PENDING' | 'ENABLED' | 'DISABLED' | 'DISCONNECTED';
/** A plugin's state in the API. */
export type PluginState = 'PROVISIONING' | 'ACTIVE' | 'RE_PROVISIONING' | 'ERROR';

/** A JSON object, such as labels and tags. */
export type JsonObject = { readonly [key: string]: unknown };

/** The identity of a plugin on its supervisor. */
export interface PluginIdentity {
  readonly pluginId: string;
  readonly version: string;
}

/** An agent's report on one plugin. */
export interface PluginReport extends PluginIdentity {
  /** The domain whose plugin is meant. By default the report is about the plugin of every domain. */
  readonly domainId?: string;
  /** NONE is a value of the API's enum, but the server rejects reports with it. */
  readonly state: PluginState | 'NONE';
  readonly endpoint?: string;
  readonly endpoints?: readonly string[];
  readonly message?: string;
  /**
   * The generation that this report is about. A report without a generation, or with an older one, can't end a
   * recovery: it may have been on its way when the operator asked for the recovery.
   */
  readonly observedGeneration?: number;
}

/** A plugin as the server knows it. */
export interface ListedPlugin extends PluginIdentity {
  readonly state: PluginState;
  /** Grows by 1 with each recovery that an operator asks for. */
  readonly generation: number;
}

/** A plugin that a supervisor must run. */
export interface Assignment extends ListedPlugin {
  /** The domain that asked for the plugin. */
  readonly domainId: string;
}

/** A plugin, or a field, that the server rejected from a report; it accepted the rest. */
export interface RejectedPluginReport {
  /** Index of the plugin in the report, from 0; -1 for a field of the report itself. */
  readonly index: number;
  readonly pluginId: string | null;
  readonly version: string | null;
  readonly code: string;
  readonly message: string;
}

/** The key of a plugin among those of its supervisor, for maps and sets. */
export function pluginKey(plugin: PluginIdentity): string {
  return `${plugin.pluginId} ${plugin.version}`;
}
