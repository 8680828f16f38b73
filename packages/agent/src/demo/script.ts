import type { PluginIdentity, PluginReport } from '../contract.ts';
import type { SupervisorPlan } from './fleet.ts';
import { pick, type Random } from './random.ts';
import type { AgentState } from './state.ts';

/** What goes wrong, or is done, out of the ordinary: to one supervisor, which `hostname` names. */
export type Incident = { readonly hostname: string } & (
  | { readonly kind: 'fail'; readonly plugin: PluginIdentity }
  | { readonly kind: 'malformed'; readonly report: PluginReport }
  | { readonly kind: 'vanish' }
  | { readonly kind: 'maintain' }
);

export interface FleetMember {
  readonly plan: SupervisorPlan;
  readonly state: AgentState;
}

/** By then everybody has joined, and the first plugins are up. */
const firstIncidentRound = 6;
/** One a round, over and over, so that a minute's watching shows every kind. */
const cycle = ['fail', 'malformed', 'fail', 'maintain', 'fail', 'vanish', 'fail', 'fail'] as const;
/** How many may be away at a time: the fleet stays a fleet. */
const mayBeAway = 2;

const malformed: readonly Omit<PluginReport, 'pluginId'>[] = [
  { version: '', state: 'ACTIVE' },
  { version: '1.0', state: 'NONE' },
  { version: '1.0', state: 'ACTIVE', endpoints: [''] },
];

/** What happens to the fleet in this round, or null: in the first rounds, and where there is nobody for it to happen to. */
export function nextIncident(round: number, fleet: readonly FleetMember[], random: Random): Incident | null {
  if (round < firstIncidentRound) return null;
  const kind = cycle[(round - firstIncidentRound) % cycle.length];
  const away = fleet.filter(({ state }) => state.awayFor > 0).length;
  if (kind === undefined || (kind === 'vanish' && away >= mayBeAway)) return null;
  const victims = fleet.filter(({ state }) => state.awayFor === 0 && state.supervisorState === 'ENABLED');
  if (kind === 'fail') return failOne(victims, random);
  const victim = pick(random, victims);
  if (!victim) return null;
  const { hostname, plugins } = victim.plan;
  if (kind !== 'malformed') return { kind, hostname };
  const plugin = pick(random, plugins);
  const fault = pick(random, malformed);
  return plugin && fault ? { kind, hostname, report: { ...fault, pluginId: plugin.pluginId } } : null;
}

function failOne(victims: readonly FleetMember[], random: Random): Incident | null {
  const running = victims.flatMap(({ plan, state }) =>
    state.plugins
      .filter((run) => run.phase === 'ACTIVE')
      .map((plugin) => ({ kind: 'fail', hostname: plan.hostname, plugin }) as const),
  );
  return pick(random, running) ?? null;
}
