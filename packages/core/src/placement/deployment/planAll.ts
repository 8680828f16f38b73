import { type Considered, type Decision, give, isDrained, keep, pass, withdraw } from './decision.ts';

/**
 * C2, mode ALL: every supervisor that matches gets it, and one that no longer matches loses it. One that is not ENABLED
 * stays as it is until it is back: being offline is no reason to lose anything.
 */
export function planAll(considered: readonly Considered[], version: string): Decision[] {
  return considered.map((each) => (each.own.length > 0 ? judge(each, version) : offer(each)));
}

function judge(each: Considered, version: string): Decision {
  if (each.supervisor.state !== 'ENABLED') return keep(each, version, 'NOT_ENABLED');
  if (each.isLost) return withdraw(each, each.deselected ?? 'CONFLICT');
  return isDrained(each) ? withdraw(each, 'DRAINING') : keep(each, version, each.deselected);
}

function offer(each: Considered): Decision {
  const { supervisor, adoptable, deselected, barred } = each;
  if (deselected !== null) return pass(each, deselected);
  if (supervisor.isDraining) return pass(each, 'DRAINING');
  return !adoptable && barred !== null ? pass(each, barred) : give(each);
}
