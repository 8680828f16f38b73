/** The parts of Muster's GraphQL API that an agent and an operator share, as they travel. */

export type SupervisorState = 'PENDING' | 'ENABLED' | 'DISABLED' | 'DISCONNECTED';
export type PluginState = 'PROVISIONING' | 'ACTIVE' | 'RE_PROVISIONING' | 'ERROR';

/** Labels and tags. */
export type JsonObject = { readonly [key: string]: unknown };

/** A plugin's identity on its supervisor. */
export interface PluginIdentity {
  readonly pluginId: string;
  readonly version: string;
}

/** What an agent says of one plugin. */
export interface PluginReport extends PluginIdentity {
  /** NONE is in the wire's enum, but the server rejects a report that says it. */
  readonly state: PluginState | 'NONE';
  readonly endpoint?: string;
  readonly endpoints?: readonly string[];
  readonly message?: string;
  /**
   * The generation that this report is about. A report without it, or with an older one, can't end a recovery: the
   * server can't tell it from one that was under way when the operator asked.
   */
  readonly observedGeneration?: number;
}

/** A plugin as the server has it. */
export interface ListedPlugin extends PluginIdentity {
  readonly state: PluginState;
  /** Counts what operators asked for; it grows with each recovery. */
  readonly generation: number;
}

/** A plugin that a supervisor is to run. */
export interface Assignment extends ListedPlugin {
  /** The tenant that asked for it. */
  readonly domainId: string;
}

/** A plugin of a report that the server could not take; the rest of the report it took. */
export interface RejectedPluginReport {
  /** Its place in the report. */
  readonly index: number;
  readonly pluginId: string | null;
  readonly version: string | null;
  readonly code: string;
  readonly message: string;
}

/** One text for each plugin on a supervisor, to find it by. */
export function pluginKey(plugin: PluginIdentity): string {
  return `${plugin.pluginId} ${plugin.version}`;
}
