import { type PluginIdentity, type PluginReport, pluginKey } from '../contract.ts';
import type { PublishAnswer } from '../supervisorAgent.ts';
import type { SupervisorPlan } from './fleet.ts';
import { letters, pick, type Random } from './random.ts';
import type { Incident } from './script.ts';
import type { AgentState, PluginRun } from './state.ts';

/** Something to tell of, once the publish that carries it was taken. */
export interface Note {
  readonly what: string;
  /** The plugin whose state at the server is the result; without one it is the supervisor's. */
  readonly plugin?: PluginIdentity;
}

/** An agent's next step: what it then is at, and what it reports; null for an agent that is silent. */
export interface Step {
  readonly state: AgentState;
  readonly reports: readonly PluginReport[] | null;
  readonly notes: readonly Note[];
}

/** How many plugins an agent starts at a time. */
const startsAtOnce = 2;
/** How likely a plugin that is being provisioned is up a round later. */
const readiness = 0.6;
/** Long enough for the operator to give the supervisor up first. */
export const vanishedForRounds = 9;

const failures = [
  'ErrImagePull: failed to pull the image: 401 Unauthorized',
  'CrashLoopBackOff: back-off 40s restarting failed container',
  'OOMKilled: the container exceeded its memory limit of 512Mi',
  'Liveness probe failed: rpc error: code = Unavailable desc = connection refused',
  'FailedScheduling: 0/3 nodes are available: 3 Insufficient memory',
] as const;

export function firstState(plan: SupervisorPlan): AgentState {
  return bootedState(plan, plan.joinsInRound);
}

/** One round passes, and this incident, if it is one of this agent's. */
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
 * What the server's answer tells an agent: its supervisor's state, and each plugin's generation. Null where that gives
 * it nothing new to report; a step's reports are worth publishing at once.
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

/** Every plugin that this agent has started, as it reports them. */
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

/** A run of the agent that has just begun: nothing is known and nothing runs. */
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
  if (run.phase !== 'PROVISIONING' || random() >= readiness) return run;
  const endpoint = `grpc://${run.pluginId}-${letters(random, 15)}.${plan.hostname}:50051`;
  return { ...run, phase: 'ACTIVE', endpoint, message: null };
}

function outcomeOf(run: PluginRun): string {
  return run.message === null ? 'up' : `failed: ${run.message}`;
}

/** Only a supervisor that is ENABLED takes up more; while it is DISABLED, what runs goes on running. */
function startPlugins(state: AgentState): { state: AgentState; notes: Note[] } {
  const starting = state.plugins.filter((run) => run.phase === 'PROVISIONING').length;
  const room = state.supervisorState === 'ENABLED' ? Math.max(0, startsAtOnce - starting) : 0;
  const chosen = new Set(state.plugins.filter((run) => run.phase === 'STOPPED').slice(0, room));
  const plugins = state.plugins.map((run): PluginRun => (chosen.has(run) ? { ...run, phase: 'PROVISIONING' } : run));
  const notes = [...chosen].map((run) => ({ what: `installs ${pluginKey(run)}`, plugin: run }));
  return { state: { ...state, plugins }, notes };
}
