import { describe, expect, it } from 'vitest';
import { firstState } from './agentStory.ts';
import { planFleet } from './fleet.ts';
import { createRandom } from './random.ts';
import { type FleetMember, nextIncident } from './script.ts';
import type { AgentState } from './state.ts';

const running = fleetWith((state) => ({
  ...state,
  awayFor: 0,
  supervisorState: 'ENABLED',
  plugins: state.plugins.map((run) => ({ ...run, phase: 'ACTIVE' })),
}));
const rounds = Array.from({ length: 40 }, (_, i) => i + 1);

describe('the script', () => {
  it('leaves a fleet that is still joining in peace', () => {
    expect(rounds.slice(0, 5).map((round) => nextIncident(round, running, () => 0))).toEqual(Array(5).fill(null));
  });

  it('shows every kind of incident within a dozen rounds', () => {
    const random = createRandom(1);
    const kinds = new Set(rounds.slice(0, 13).map((round) => nextIncident(round, running, random)?.kind));
    expect(kinds).toEqual(new Set([undefined, 'fail', 'malformed', 'maintain', 'vanish']));
  });

  it('fails only plugins that run, on supervisors that are there', () => {
    const [lone] = running;
    if (!lone) throw new Error('the fleet is empty');
    const others = fleetWith((state) => ({ ...state, awayFor: 3, supervisorState: null })).slice(1);
    const [first, second] = lone.state.plugins;
    if (!first || !second) throw new Error('the first supervisor has too few plugins');
    const state: AgentState = { ...lone.state, plugins: [{ ...first, phase: 'ERROR' }, second] };
    const random = createRandom(2);
    const incidents = rounds.map((round) => nextIncident(round, [{ ...lone, state }, ...others], random));
    const failures = incidents.filter((incident) => incident?.kind === 'fail');
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject({ hostname: lone.plan.hostname, plugin: second });
  });

  it('lets nobody vanish while two are away', () => {
    const twoAway = running.map((member, i) =>
      i < 2 ? { ...member, state: { ...member.state, awayFor: 1 } } : member,
    );
    const random = createRandom(3);
    expect(rounds.map((round) => nextIncident(round, twoAway, random)?.kind)).not.toContain('vanish');
  });

  it('has nothing happen to a fleet that nobody has registered', () => {
    const pending = fleetWith((state) => ({ ...state, awayFor: 0, supervisorState: 'PENDING' }));
    expect(rounds.every((round) => nextIncident(round, pending, () => 0) === null)).toBe(true);
  });
});

function fleetWith(change: (state: AgentState) => AgentState): FleetMember[] {
  return planFleet().map((plan) => ({ plan, state: change(firstState(plan)) }));
}
