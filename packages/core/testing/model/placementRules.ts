import { expect } from 'vitest';
import { countOf, isReplacement, type SeenPlugin, type Sight } from './placementSight.ts';
import { awaitedId, type PlacementWorld, pluginIds } from './placementWorld.ts';

/** Compares what a world has with what was asked for in it, and with what it had before. */
export function checkPlacement(world: PlacementWorld, before: Sight): void {
  const after = world.sight;
  const counts = pluginIds.map((pluginId) => [pluginId, countOf(after, pluginId)]);
  expect(Object.fromEntries(counts), 'nothing is lost, and nothing twice').toEqual(Object.fromEntries(world.wanted));
  checkReplacements(after);
  checkNew(before, after);
  const ofRetired = world.retirements.lookAt(before, after);
  expect(
    ofRetired.filter(isPlaced),
    'of a retired release nothing is placed, but what is moved or gone back to',
  ).toEqual([]);
  checkDrains(world, before);
}

/** P9: another domain's plugins are where they may be, and nothing that happens in this domain changes their number. */
export function checkNeighbour({ guestSight, guestWanted }: PlacementWorld): void {
  const counts = pluginIds.map((pluginId) => [pluginId, countOf(guestSight, pluginId)]);
  expect(Object.fromEntries(counts), "nothing of the tenant's is lost, and nothing twice").toEqual(
    Object.fromEntries(guestWanted),
  );
  const astray = guestSight.wanted.filter(({ supervisor }) => !supervisor.isPublic);
  expect(astray, "the tenant's plugins are on public supervisors").toEqual([]);
}

/** C1: whether an install or a rollout has placed it. */
const isPlaced = ({ reason }: SeenPlugin) => reason === null || reason === 'ROLLOUT';

/** M6, and one replacement for each plugin. */
function checkReplacements(after: Sight): void {
  const replaced = after.wanted.filter((plugin) => isReplacement(after, plugin)).map(({ replacesId }) => replacesId);
  expect(new Set(replaced).size, 'one takes a place').toBe(replaced.length);
  const pinned = after.wanted.filter((plugin) => plugin.pinned && replaced.includes(plugin.id));
  expect(pinned, 'a pin is kept').toEqual([]);
}

/** M1: where plugins are that were not wanted there before. */
function checkNew(before: Sight, after: Sight): void {
  const known = new Set(before.wanted.map(({ id }) => id));
  // A wish of one who waits may have been made at any moment of the step.
  const added = after.wanted.filter(({ id, pluginId }) => !known.has(id) && pluginId !== awaitedId);
  const barred = added.filter(
    ({ reason, supervisor: { state, cordoned } }) => state !== 'ENABLED' || (cordoned && reason !== 'ROLLED_BACK'),
  );
  expect(barred, 'nothing new where it must not be').toEqual([]);
  for (const { placementLabels, supervisor, reason } of added) {
    if (reason === 'ROLLOUT' || reason === 'ROLLED_BACK') continue;
    expect(supervisor.labels, 'what is new has the labels it needs').toMatchObject(Object(placementLabels));
  }
}

/** D1, D2, D4. */
function checkDrains({ cordoned: byThemselves, sight: after }: PlacementWorld, before: Sight): void {
  const wasDrained = new Set(
    before.supervisors.filter(({ drainState }) => drainState === 'DRAINED').map(({ id }) => id),
  );
  for (const { id, hostname, cordoned, drainState, state } of after.supervisors) {
    expect(cordoned, `${hostname} is cordoned by itself, or for its drain`).toBe(
      byThemselves.has(hostname) || drainState !== null,
    );
    if (drainState !== 'DRAINED' || wasDrained.has(id)) continue;
    const on = (plugins: readonly SeenPlugin[]) => plugins.filter(({ supervisorId }) => supervisorId === id);
    const toMove = on(after.wanted).filter(({ pinned }) => !pinned);
    expect(toMove, `nothing is left to move from ${hostname}`).toEqual([]);
    if (state === 'DISCONNECTED') continue;
    expect(on(after.stopping), `nothing that was moved still runs on ${hostname}`).toEqual([]);
  }
  const grouped = Map.groupBy(after.supervisors, ({ drainGroup }) => drainGroup);
  for (const [group, members] of grouped) {
    if (group === null) continue;
    const most = Math.max(...members.map(({ drainMaxParallel }) => drainMaxParallel ?? 0));
    const under = members.filter(({ drainState }) => drainState === 'DRAINING').length;
    expect(under, 'no more are drained at a time than may be').toBeLessThanOrEqual(most);
  }
}

const stateOf = ({ state }: SeenPlugin) => state;

/** Whether nothing of a world is under way any more. */
export function isSettled({ sight, guestSight }: PlacementWorld): boolean {
  return (
    sight.upgrading.size === 0 &&
    [sight, guestSight].every(
      ({ plugins, wanted }) =>
        plugins.length === wanted.length && wanted.every((plugin) => stateOf(plugin) === 'ACTIVE'),
    ) &&
    !sight.wanted.some((plugin) => isReplacement(sight, plugin))
  );
}

/** All that was under way has come to its end, and all that is wanted runs. */
export function checkSettled({ sight, guestSight, waits, waited }: PlacementWorld): void {
  expect([...sight.upgrading], 'every rollout ends').toEqual([]);
  expect(
    sight.wanted.filter((plugin) => isReplacement(sight, plugin)),
    'every move ends',
  ).toEqual([]);
  for (const { wanted, plugins } of [sight, guestSight]) {
    expect(
      wanted.filter((plugin) => stateOf(plugin) !== 'ACTIVE'),
      'all that is wanted runs',
    ).toEqual([]);
    expect(plugins.length, 'what is not wanted is gone').toBe(wanted.length);
  }
  // M4: who waited got an endpoint; only who could have none at the beginning was refused.
  expect(waits.size, 'nobody waits any more').toBe(0);
  for (const each of waited) {
    if (each instanceof Error) expect(each).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    else expect(each).toMatchObject({ state: 'ACTIVE', endpoint: expect.any(String) });
  }
}
