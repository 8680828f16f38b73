import { type PluginIdentity, type PluginReport, pluginKey } from '../contract.ts';
import type { PublishAnswer } from '../supervisorAgent.ts';
import type { SupervisorPlan } from './fleet.ts';
import { letters, pick, type Random } from './random.ts';
import type { Incident } from './script.ts';
import type { AgentState, PluginRun } from './state.ts';

/** An action to narrate once the server has accepted the publish that reports it. */
export interface Note {
  readonly what: string;
  /** The plugin whose state at the server is the result; without a plugin, the supervisor's state is. */
  readonly plugin?: PluginIdentity;
}

/** An agent's next step. */
export interface Step {
  /** The agent's state after the step. */
  readonly state: AgentState;
  /** The report to publish; null for an agent that is silent. */
  readonly reports: readonly PluginReport[] | null;
  readonly notes: readonly Note[];
}

/** Maximum number of plugins that an agent starts at the same time. */
const startsAtOnce = 2;
/** Probability that a plugin in provisioning is active a round later. */
const readyProbability = 0.6;
/** Rounds that a vanished supervisor stays silent: long enough for the operator to deregister it first. */
export const vanishedForRounds = 9;

const failures = [
  'ErrImagePull: failed to pull the image: 401 Unauthorized',
  'CrashLoopBackOff: back-off 40s restarting failed container',
  'OOMKilled: the container exceeded its memory limit of 512Mi',
  'Liveness probe failed: rpc error: code = Unavailable desc = connection refused',
  'FailedScheduling: 0/3 nodes are available: 3 Insufficient memory',
] as const;

/** The state of an agent before its first round. */
export function firstState(plan: SupervisorPlan): AgentState {
  return bootedState(plan, plan.joinsInRound);
}

/** Plays one round for an agent, with an incident if the round has one for this agent. */
export function advance(plan: SupervisorPlan, state: AgentState, incident: Incident | null, random: Random): Step {
  if (state.awayFor > 0) return comeBack(plan, state);
  if (incident?.kind === 'vanish') {
    const note = { what: 'falls silent' };
    return { state: bootedState(plan, vanishedForRounds), reports: null, notes: [note] };
  }
  const notes: Note[] = [];
  const plugins = state.plugins.map((run) => {
    const next = advancePlugin(plan, run, incident, random);
    if (next !== run) notes.push({ what: `reports ${pluginKey(next)} ${outcomeOf(next)}`, plugin: next });
    return next;
  });
  const started = startPlugins({ ...state, plugins });
  const reports = reportsOf(started.state);
  return {
    state: started.state,
    reports: incident?.kind === 'malformed' ? [...reports, incident.report] : reports,
    notes: [...notes, ...started.notes],
  };
}

/**
 * Applies the server's answer to an agent's state: the supervisor's state, and each plugin's generation. The step is
 * null if nothing new results; otherwise its reports are to be published at once.
 */
export function learn(state: AgentState, answer: PublishAnswer): { state: AgentState; step: Step | null } {
  const listed = new Map(answer.plugins.map((plugin) => [pluginKey(plugin), plugin]));
  const notes: Note[] = [];
  const plugins = state.plugins.map((run): PluginRun => {
    const { generation, state: wanted } = listed.get(pluginKey(run)) ?? {};
    if (generation === undefined || generation === run.generation) return run;
    if (wanted !== 'RE_PROVISIONING' || run.phase === 'STOPPED') return { ...run, generation };
    notes.push({ what: `restarts ${pluginKey(run)} for generation ${generation}`, plugin: run });
    return { ...run, generation, phase: 'PROVISIONING', endpoint: null, message: null };
  });
  const started = startPlugins({ ...state, supervisorState: answer.state, plugins });
  notes.push(...started.notes);
  const step = { state: started.state, reports: reportsOf(started.state), notes };
  return { state: started.state, step: notes.length > 0 ? step : null };
}

/** The reports on all plugins that an agent has started. */
function reportsOf(state: AgentState): PluginReport[] {
  return state.plugins.flatMap(({ phase, pluginId, version, generation, endpoint, message }) => {
    if (phase === 'STOPPED') return [];
    return {
      pluginId,
      version,
      state: phase,
      ...(endpoint === null ? {} : { endpoint, endpoints: [endpoint] }),
      ...(message === null ? {} : { message }),
      ...(generation === null ? {} : { observedGeneration: generation }),
    };
  });
}

/** The state of an agent that has just started: it knows nothing, and no plugin runs. */
function bootedState(plan: SupervisorPlan, awayFor: number): AgentState {
  const plugins = plan.plugins.map(
    (plugin): PluginRun => ({ ...plugin, phase: 'STOPPED', generation: null, endpoint: null, message: null }),
  );
  return { awayFor, supervisorState: null, plugins };
}

function comeBack(plan: SupervisorPlan, state: AgentState): Step {
  const awayFor = state.awayFor - 1;
  const booted = bootedState(plan, awayFor);
  if (awayFor > 0) return { state: booted, reports: null, notes: [] };
  return { state: booted, reports: [], notes: [{ what: 'starts and publishes' }] };
}

function advancePlugin(plan: SupervisorPlan, run: PluginRun, incident: Incident | null, random: Random): PluginRun {
  if (incident?.kind === 'fail' && pluginKey(incident.plugin) === pluginKey(run)) {
    return { ...run, phase: 'ERROR', endpoint: null, message: pick(random, failures) ?? null };
  }
  if (run.phase !== 'PROVISIONING' || random() >= readyProbability) return run;
  const endpoint = `grpc://${run.pluginId}-${letters(random, 15)}.${plan.hostname}:50051`;
  return { ...run, phase: 'ACTIVE', endpoint, message: null };
}

function outcomeOf(run: PluginRun): string {
  return run.message === null ? 'up' : `failed: ${run.message}`;
}

/** Starts further plugins if the supervisor is ENABLED; a DISABLED supervisor keeps what runs. */
function startPlugins(state: AgentState): { state: AgentState; notes: Note[] } {
  const starting = state.plugins.filter((run) => run.phase === 'PROVISIONING').length;
  const room = state.supervisorState === 'ENABLED' ? Math.max(0, startsAtOnce - starting) : 0;
  const chosen = new Set(state.plugins.filter((run) => run.phase === 'STOPPED').slice(0, room));
  const plugins = state.plugins.map((run): PluginRun => (chosen.has(run) ? { ...run, phase: 'PROVISIONING' } : run));
  const notes = [...chosen].map((run) => ({ what: `installs ${pluginKey(run)}`, plugin: run }));
  return { state: { ...state, plugins }, notes };
}
