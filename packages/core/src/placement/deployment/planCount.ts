import { chooseSupervisors } from './chooseSupervisors.ts';
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
 * C2, C3, mode COUNT: as many supervisors as `count` have it. One that no longer matches, is drained or stays away loses
 * it once another has it ACTIVE; what is too much goes, first what doesn't serve. No withdrawal takes the number that
 * serves below `count`.
 */
export function planCount(deployment: CountSituation, considered: readonly Considered[]): Decision[] {
  const { count, version } = deployment;
  const holders = considered.filter(({ own }) => own.length > 0);
  const leaving = holders.filter((each) => leavesBy(each) !== null);
  const staying = holders.filter((each) => leavesBy(each) === null);
  const free = considered.filter(isFree);
  const chosen = chooseSupervisors(deployment, free, staying, Math.max(0, count - staying.length));
  const short = Math.max(0, count - staying.length - chosen.length);
  const isReplaced = staying.filter(isServing).length >= count;
  let spare = holders.filter(isServing).length - count;
  const decisions = new Map<string, Decision>();
  const decide = (decision: Decision) => decisions.set(decision.supervisor.id, decision);

  const mayGo = (each: Considered): boolean => {
    if (!isServing(each)) return true;
    spare -= 1;
    return spare >= 0;
  };
  for (const [i, each] of leaving.entries()) {
    const rule = leavesBy(each) ?? 'ENOUGH';
    const isDue = each.supervisor.isAway ? isReplaced : mayGo(each);
    // Where nobody can take its place, it stays.
    const isLost = isDue || i < leaving.length - short;
    decide(isLost ? withdraw(each, rule, isDue) : keep(each, version, rule));
  }
  const surplus = staying
    .filter(({ supervisor }) => supervisor.state !== 'DISABLED')
    .sort((a, b) => worth(a) - worth(b) || comparePlaces(staying, a, b))
    .slice(0, Math.max(0, staying.length - count));
  for (const each of surplus) decide(withdraw(each, 'ENOUGH', mayGo(each)));
  for (const each of chosen) decide(give(each));
  return considered.map(
    (each) =>
      decisions.get(each.supervisor.id) ??
      (each.own.length > 0 ? keep(each, version, offline(each)) : pass(each, passedBy(each))),
  );
}

/** Why a supervisor is to lose it; null where it stays. One that is not ENABLED, and not away for too long, stays as it is. */
function leavesBy(each: Considered): DeploymentRule | null {
  if (each.supervisor.isAway) return 'AWAY';
  if (each.supervisor.state !== 'ENABLED') return null;
  return each.deselected ?? (isDrained(each) ? 'DRAINING' : null);
}

function isFree({ supervisor, own, adoptable, deselected, barred }: Considered): boolean {
  if (own.length > 0 || deselected !== null || supervisor.isDraining || supervisor.isInStep) return false;
  return barred === null || (adoptable !== undefined && !supervisor.isAway);
}

const offline = ({ supervisor: { state } }: Considered) => (state === 'ENABLED' ? null : 'NOT_ENABLED');

function passedBy({ supervisor, deselected, barred }: Considered): DeploymentRule {
  return deselected ?? (supervisor.isDraining ? 'DRAINING' : (barred ?? 'ENOUGH'));
}

/** How much is lost with it: what failed goes first, then what is offline, then what is coming up. */
function worth(each: Considered): number {
  if (isServing(each)) return 3;
  if (each.supervisor.state !== 'ENABLED') return 1;
  return each.own.every(({ state }) => state === 'ERROR') ? 0 : 2;
}

/** Of equals, those of the fullest value of the spread go first, then those of lower priority, then the younger. */
function comparePlaces(staying: readonly Considered[], a: Considered, b: Considered): number {
  const fullness = ({ supervisor: { spreadValue } }: Considered) =>
    staying.filter(({ supervisor }) => supervisor.spreadValue === spreadValue).length;
  return (
    fullness(b) - fullness(a) ||
    a.supervisor.priority - b.supervisor.priority ||
    (a.supervisor.id < b.supervisor.id ? 1 : -1)
  );
}
