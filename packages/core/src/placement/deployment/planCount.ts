import { chooseSupervisors, spreadTurns } from './chooseSupervisors.ts';
import { type Considered, type Decision, give, isDrained, isServing, keep, pass, withdraw } from './decision.ts';
import type { DeploymentRule } from './deploymentRules.ts';

/** The wish of a deployment with the mode COUNT. */
interface CountSituation {
  readonly name: string;
  readonly pluginId: string;
  readonly domainId: string;
  readonly version: string;
  readonly count: number;
}

/**
 * C2, C3, mode COUNT: as many supervisors as `count` have it. One that no longer matches loses it once others serve as
 * often as wanted, or nothing more is coming up; one that is drained or stays away, once another serves in its place.
 * If there are too many, those go first that don't serve. No withdrawal of what matches takes the number that serves below `count`.
 */
export function planCount(deployment: CountSituation, considered: readonly Considered[]): Decision[] {
  const { count, version } = deployment;
  const holders = considered.filter(({ own }) => own.length > 0);
  const lost = holders.filter(isLost);
  const moved = holders.filter((each) => !isLost(each) && movedBy(each) !== null);
  const staying = holders.filter((each) => !isLost(each) && movedBy(each) === null);
  const chosen = chooseSupervisors(deployment, considered.filter(isFree), staying, count - staying.length);
  const isMoreComing = chosen.length > 0 || staying.some(isComingUp);
  const isReplaced = staying.filter(isServing).length >= count;
  let spare = holders.filter(isServing).length - count;
  const decisions = new Map<string, Decision>();
  const decide = (decision: Decision) => decisions.set(decision.supervisor.id, decision);

  const mayGo = (each: Considered): boolean => {
    if (!isServing(each)) return true;
    spare -= 1;
    return spare >= 0;
  };
  for (const each of lost) decide(withdraw(each, each.deselected ?? 'ENOUGH', mayGo(each) || !isMoreComing));
  const replaced = moved.length - Math.max(0, count - staying.length - chosen.length);
  for (const [i, each] of moved.entries()) {
    const rule = movedBy(each) ?? 'ENOUGH';
    const isDue = each.supervisor.isAway ? isReplaced : mayGo(each);
    // Where nobody can take its place, it stays.
    decide(isDue || i < replaced ? withdraw(each, rule, isDue) : keep(each, version, rule));
  }
  const surplus = leastFirst(staying)
    .filter(({ supervisor }) => supervisor.state !== 'DISABLED')
    .slice(0, Math.max(0, staying.length - count));
  for (const each of surplus) decide(withdraw(each, 'ENOUGH', mayGo(each)));
  for (const each of chosen) decide(give(each));
  return considered.map(
    (each) =>
      decisions.get(each.supervisor.id) ??
      (each.own.length > 0 ? keep(each, version, keptBy(each)) : pass(each, passedBy(each))),
  );
}

/** Whether a supervisor is to lose it at once. One that is not ENABLED stays as it is. */
const isLost = (each: Considered) => each.supervisor.state === 'ENABLED' && each.isLost;

/** Why another supervisor is to take the place of this one; null where none is. */
function movedBy(each: Considered): DeploymentRule | null {
  if (each.supervisor.isAway) return 'AWAY';
  return each.supervisor.state === 'ENABLED' && isDrained(each) ? 'DRAINING' : null;
}

const isComingUp = (each: Considered) =>
  each.supervisor.state === 'ENABLED' &&
  !isServing(each) &&
  each.own.some(({ state }) => state === 'PROVISIONING' || state === 'RE_PROVISIONING');

function isFree({ supervisor, own, adoptable, deselected, barred }: Considered): boolean {
  if (own.length > 0 || deselected !== null || supervisor.isDraining || supervisor.isInStep) return false;
  return barred === null || (adoptable !== undefined && !supervisor.isAway);
}

const keptBy = ({ supervisor: { state }, deselected }: Considered) =>
  state === 'ENABLED' ? deselected : 'NOT_ENABLED';

function passedBy({ supervisor, deselected, barred }: Considered): DeploymentRule {
  return deselected ?? (supervisor.isDraining ? 'DRAINING' : (barred ?? 'ENOUGH'));
}

/** How much is lost with it: what failed goes first, then what is offline, then what is coming up. */
function worth(each: Considered): number {
  if (isServing(each)) return 3;
  if (each.supervisor.state !== 'ENABLED') return 1;
  return each.own.every(({ state }) => state === 'ERROR') ? 0 : 2;
}

/**
 * The order in which supervisors lose it where there are too many: by worth; of equals, those of the fullest value of the
 * spread, then those of lower priority, then the younger.
 */
function leastFirst(staying: readonly Considered[]): Considered[] {
  const isFrozen = ({ supervisor }: Considered) => Number(supervisor.state === 'DISABLED');
  const dearestFirst = staying.toSorted(
    (a, b) =>
      isFrozen(b) - isFrozen(a) ||
      worth(b) - worth(a) ||
      b.supervisor.priority - a.supervisor.priority ||
      (a.supervisor.id < b.supervisor.id ? -1 : 1),
  );
  return spreadTurns(dearestFirst)
    .sort((a, b) => worth(a.each) - worth(b.each) || b.turn - a.turn || b.place - a.place)
    .map(({ each }) => each);
}
