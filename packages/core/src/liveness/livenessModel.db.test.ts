import { expect, test } from 'vitest';
import { forgetEvents } from '../../testing/forgetEvents.ts';
import type { Crowd } from '../../testing/model/crowd.ts';
import { type LivenessSight, livenessEye } from '../../testing/model/livenessSight.ts';
import { LivenessWorld, publishSome, takeStep } from '../../testing/model/livenessSteps.ts';
import { modelDatabase, modelTimeoutMs, type PlayedModel, playModel } from '../../testing/model/playModel.ts';
import { useTestCore } from '../../testing/testCore.ts';
import { listSupervisors } from '../supervisor/read.ts';
import { domainConditions } from '../sweep/hold.ts';
import { excuseDowntime, sweep } from '../sweep/sweep.ts';

const settings = { holdMinimum: 3, holdShare: 0.55, leaseSeconds: 300, sweepIntervalMs: 200_000 };
const longestPauseMs = 3 * settings.sweepIntervalMs;
const rules = { leaseMs: 300_000, holdMinimum: 3, holdShare: 55 };

// However slow the machine is, a step's times are those that the model has.
const t = useTestCore({ database: modelDatabase, settings, stopsClock: true });

/** A happening in all worlds at once. */
interface Together {
  /** Time that passes. */
  readonly ms: number;
  /**
   * Whether a sweep follows; after a `downtime` (L5), in which nobody swept, an agent may come back first, and the sweep is a
   * minute later.
   */
  readonly next: 'nothing' | 'sweep' | 'downtime';
}

/**
 * No sums of these, within a lease or after downtime that extended it, are a lease of 300 s: at the very moment when a lease
 * ends, chance would say whether it has run out.
 */
const happenings: readonly Together[] = [
  ...Array.from({ length: 10 }, () => ({ ms: 4_000, next: 'nothing' as const })),
  { ms: 4_000, next: 'sweep' },
  ...Array.from({ length: 2 }, () => ({ ms: 109_000, next: 'sweep' as const })),
  ...Array.from({ length: 2 }, () => ({ ms: 302_000, next: 'sweep' as const })),
  { ms: 1_800_000, next: 'sweep' },
  { ms: 1_800_000, next: 'downtime' },
];

const look = livenessEye(t);

const liveness: PlayedModel<LivenessWorld, Together> = {
  name: 'liveness',
  rounds: 36,
  open: async (seeds) => {
    await excuseDowntime(t.core);
    return seeds.map((seed) => new LivenessWorld(seed, t, rules));
  },
  act: takeStep,
  choose: (random) => random.one(happenings),
  actTogether: async (crowd, { ms, next }) => {
    for (const { told } of crowd.worlds) told.push(`${ms / 1_000}s`);
    pass(crowd, ms);
    if (next === 'nothing') return;
    if (next === 'downtime') {
      await crowd.each((world) => publishSome(world, crowd.chance(world, 'together')));
      pass(crowd, 60_000);
    }
    for (const { model, told } of crowd.worlds) {
      model.excuse(longestPauseMs);
      model.sweep();
      told.push('sweep');
    }
    await excuseDowntime(t.core);
    await sweep(t.core);
  },
  check: async (crowd) => {
    const sights = new Map(
      (await look(crowd.worlds.map(({ domain }) => domain.domainId))).map((sight) => [sight.domainId, sight]),
    );
    await crowd.each((world) => compare(world, sights.get(world.domain.domainId)));
    const asked = crowd.worlds.filter((world) => crowd.chance(world, 'ask').below(10) === 0);
    await crowd.each(compareAnswers, asked);
  },
  end: (crowd) => crowd.each(compareAnswers),
  close: async () => {
    // A sweep looks at every domain: what is left would slow the next runs down.
    await t.db.sql.query('DELETE FROM supervisors');
    await forgetEvents(t.db.sql);
    await t.db.sql.query('DELETE FROM domain_conditions');
  },
};

function pass({ worlds }: Crowd<LivenessWorld>, ms: number): void {
  t.advance(ms);
  for (const { model } of worlds) model.pass(ms);
}

/** E1, L7: the rows, and the events of states and of silence; other conditions have events of their own. */
function compare({ model, ids }: LivenessWorld, sight: LivenessSight | undefined): void {
  const supervisors = sight?.supervisors ?? [];
  const seen = supervisors.map(({ hostname, state, registered, silent, connected }) => [
    hostname,
    { state, registered, silent, connected },
  ]);
  expect(Object.fromEntries(seen)).toEqual(model.seen());
  // A statement may wait for its turn.
  const now = t.core.now();
  for (const { hostname, leaseEndMs } of supervisors) {
    const expected = (model.supervisors.get(hostname)?.leaseEnd ?? 0) - model.now;
    expect(Math.abs(leaseEndMs - now - expected), `the lease of ${hostname}`).toBeLessThan(30_000);
  }
  ids.clear();
  for (const { hostname, id } of supervisors) ids.set(hostname, id);
  expect([...(sight?.events ?? [])].sort()).toEqual(model.takeEvents().sort());
  expect(sight?.conditions).toEqual(model.isHeld ? ['LEASES_HELD'] : []);
}

/** L6, L7: the answers to operators, about those who are held and of those who fell silent. */
async function compareAnswers({ domain, model }: LivenessWorld): Promise<void> {
  const held = await domainConditions(t.core, domain.viewer);
  expect(held.map(({ type }) => type)).toEqual(model.isHeld ? ['LEASES_HELD'] : []);
  const answer = await listSupervisors(t.core, domain.viewer, { filter: { connected: { eq: false } } });
  const silent = Object.entries(model.seen()).filter(([, { connected }]) => !connected);
  expect(answer.edges.map(({ node }) => node.hostname)).toEqual(silent.map(([hostname]) => hostname).sort());
}

test(
  'L1, L2, L5, L6, L7, S1, S2: whatever comes in whatever order, supervisors are what the model says, and each change of state or silence is one event',
  () => playModel(liveness, 6),
  modelTimeoutMs(),
);
