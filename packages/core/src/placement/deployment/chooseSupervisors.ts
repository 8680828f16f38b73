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
  const spread = new Map<string | null, number>();
  const add = ({ supervisor: { spreadValue } }: Considered) =>
    spread.set(spreadValue, (spread.get(spreadValue) ?? 0) + 1);
  present.forEach(add);
  const ranked = rankSupervisors(chooser, free);
  const isThere = ({ adoptable, isOfNewer }: Considered) => adoptable !== undefined && !isOfNewer;
  const chosen = ranked.filter(isThere).slice(0, count);
  chosen.forEach(add);
  const queues = Map.groupBy(
    ranked.filter((each) => !isThere(each)).map((each, place) => ({ each, place })),
    ({ each }) => each.supervisor.spreadValue,
  );
  for (const queue of queues.values()) queue.reverse();
  while (chosen.length < count) {
    const heads = [...queues].flatMap(([value, queue]) => {
      const head = queue.at(-1);
      return head ? [{ head, queue, fullness: spread.get(value) ?? 0 }] : [];
    });
    const [best] = heads.sort(
      (a, b) =>
        Number(a.head.each.isOfNewer) - Number(b.head.each.isOfNewer) ||
        a.fullness - b.fullness ||
        a.head.place - b.head.place,
    );
    if (!best) break;
    best.queue.pop();
    chosen.push(best.head.each);
    add(best.head.each);
  }
  return chosen;
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
