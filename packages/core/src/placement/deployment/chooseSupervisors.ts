import { createHash } from 'node:crypto';
import type { Considered } from './decision.ts';

/** The names by which the order of a deployment's supervisors is drawn. */
interface Chooser {
  readonly name: string;
  readonly pluginId: string;
  readonly domainId: string;
}

/**
 * C2, M2: chooses supervisors that can take a deployment's plugin: first those that have it already (C4); then, value by
 * value of the label that it is spread over, the value with the fewest first, in the order of placement. Supervisors that
 * a newer deployment has come last. Equals are ordered by a hash in place of chance, so that a dry run chooses as the run
 * does (B2).
 *
 * @param present the supervisors that have it, which count for the spread
 */
export function chooseSupervisors(
  chooser: Chooser,
  free: readonly Considered[],
  present: readonly Considered[],
  count: number,
): Considered[] {
  if (count <= 0) return [];
  const ranked = rankSupervisors(chooser, free);
  const isThere = ({ adoptable, isOfNewer }: Considered) => adoptable !== undefined && !isOfNewer;
  const chosen = ranked.filter(isThere).slice(0, count);
  // Within a value the turns only grow: one order of all is the same as to take from the emptiest value again and again.
  const others = spreadTurns(
    ranked.filter((each) => !isThere(each)),
    [...present, ...chosen],
  ).sort((a, b) => Number(a.each.isOfNewer) - Number(b.each.isOfNewer) || a.turn - b.turn || a.place - b.place);
  return [...chosen, ...others.slice(0, count - chosen.length).map(({ each }) => each)];
}

/** A supervisor in an order, and how many come before it that have its value of the label that is spread over. */
interface SpreadTurn {
  readonly each: Considered;
  readonly turn: number;
  readonly place: number;
}

/**
 * C2: the turns of supervisors in the order of preference: those with low turns are spread evenly.
 *
 * @param present those that come before all of them
 */
export function spreadTurns(ordered: readonly Considered[], present: readonly Considered[] = []): SpreadTurn[] {
  const counts = new Map<string | null, number>();
  const take = ({ supervisor: { spreadValue } }: Considered) => {
    const turn = counts.get(spreadValue) ?? 0;
    counts.set(spreadValue, turn + 1);
    return turn;
  };
  for (const each of present) take(each);
  return ordered.map((each, place) => ({ each, turn: take(each), place }));
}

/** M2: own domain before public, higher priority, fewer plugins. */
function rankSupervisors(chooser: Chooser, free: readonly Considered[]): Considered[] {
  const keyed = free.map((each) => ({ each, chance: chanceOf(chooser, each.supervisor.id) }));
  const isForeign = ({ supervisor }: Considered) => Number(supervisor.domainId !== chooser.domainId);
  return keyed
    .sort(
      (a, b) =>
        Number(a.each.isOfNewer) - Number(b.each.isOfNewer) ||
        isForeign(a.each) - isForeign(b.each) ||
        b.each.supervisor.priority - a.each.supervisor.priority ||
        a.each.supervisor.pluginCount - b.each.supervisor.pluginCount ||
        (a.chance < b.chance ? -1 : 1),
    )
    .map(({ each }) => each);
}

/** A place among equals, which depends on nothing but the names: deployments of different plugins differ in it. */
function chanceOf({ domainId, name, pluginId }: Chooser, supervisorId: string): string {
  return createHash('sha256').update(`${domainId} ${name} ${pluginId} ${supervisorId}`).digest('hex');
}
