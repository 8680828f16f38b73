import type { SupervisorState } from '@muster/client';
import type { PluginIdentity } from '../contract.ts';

/** A plugin as its agent runs it. */
export interface PluginRun extends PluginIdentity {
  readonly phase: 'STOPPED' | 'PROVISIONING' | 'ACTIVE' | 'ERROR';
  /** The generation that the agent runs; null until the server has named a generation. */
  readonly generation: number | null;
  readonly endpoint: string | null;
  readonly message: string | null;
}

/** The state of one supervisor's agent between two rounds. */
export interface AgentState {
  /** How many more rounds the agent stays silent; 0 while it publishes. */
  readonly awayFor: number;
  /** The supervisor's state in the server's last answer; null for a run of the agent that hasn't published yet. */
  readonly supervisorState: SupervisorState | null;
  readonly plugins: readonly PluginRun[];
}
