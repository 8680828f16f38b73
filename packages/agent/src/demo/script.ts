import type { PluginIdentity, PluginReport } from '../contract.ts';
import type { SupervisorPlan } from './fleet.ts';
import { pick, type Random } from './random.ts';
import type { AgentState } from './state.ts';

/** An extraordinary event, for the supervisor with this hostname: a failure, or maintenance. */
export type Incident = { readonly hostname: string } & (
  | { readonly kind: 'fail'; readonly plugin: PluginIdentity }
  | { readonly kind: 'malformed'; readonly report: PluginReport }
  | { readonly kind: 'vanish' }
  | { readonly kind: 'maintain' }
);

/** A supervisor of the fleet, as the script sees it. */
export interface FleetMember {
  readonly plan: SupervisorPlan;
  readonly state: AgentState;
}

/** The round of the first incident: all supervisors have joined, and the first plugins are active. */
const firstIncidentRound = 6;
/** The kinds of incidents, one a round, repeated: a minute of the demo shows every kind. */
const cycle = ['fail', 'malformed', 'fail', 'maintain', 'fail', 'vanish', 'fail', 'fail'] as const;
/** Maximum number of supervisors that are away at the same time. */
const maxAway = 2;

const malformed: readonly Omit<PluginReport, 'pluginId'>[] = [
  { version: '', state: 'ACTIVE' },
  { version: '1.0', state: 'NONE' },
  { version: '1.0', state: 'ACTIVE', endpoints: [''] },
];

/** Draws the round's incident; null in the first rounds, and if no supervisor is fit for it. */
export function nextIncident(round: number, fleet: readonly FleetMember[], random: Random): Incident | null {
  if (round < firstIncidentRound) return null;
  const kind = cycle[(round - firstIncidentRound) % cycle.length];
  const away = fleet.filter(({ state }) => state.awayFor > 0).length;
  if (kind === undefined || (kind === 'vanish' && away >= maxAway)) return null;
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
