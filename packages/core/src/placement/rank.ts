import type { SupervisorState } from '@muster/db';

/** A supervisor as placement looks at it. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly state: SupervisorState;
  readonly isPublic: boolean;
  readonly cordoned: boolean;
  readonly priority: number;
  /** Whether its labels contain all the labels asked for, keys and values. */
  readonly hasLabels: boolean;
  /** Whether this version of the plugin can't be installed there, since it is there already. */
  readonly isTaken: boolean;
  /** How many plugins it is to run, of whichever domain. */
  readonly pluginCount: number;
}

/** The rules by which a supervisor is rejected, each with what it says to people; the first that applies is told. */
export const placementRules = {
  OTHER_DOMAIN: 'it belongs to another domain, and is not public',
  NOT_ENABLED: 'it is not ENABLED',
  CORDONED: 'it is cordoned: nothing new is placed on it',
  LABELS: 'its labels do not contain all the labels asked for',
  ALREADY_THERE: 'this version of the plugin is there already',
} as const;
export type PlacementRule = keyof typeof placementRules;

const rejects: Record<PlacementRule, (candidate: Candidate, domainId: string) => boolean> = {
  OTHER_DOMAIN: (candidate, domainId) => candidate.domainId !== domainId && !candidate.isPublic,
  NOT_ENABLED: ({ state }) => state !== 'ENABLED',
  CORDONED: ({ cordoned }) => cordoned,
  LABELS: ({ hasLabels }) => !hasLabels,
  ALREADY_THERE: ({ isTaken }) => isTaken,
};

/** What placement made of one supervisor. */
export interface ConsideredSupervisor {
  readonly candidate: Candidate;
  /** From 1, which is where the plugin goes; null for one that was rejected. */
  readonly rank: number | null;
  readonly rejectedBy: PlacementRule | null;
}

/**
 * M1, M2: who can take a plugin of this domain, in the order in which they would: the greater priority, the own domain
 * before public ones, those with fewer plugins, and then by chance. Whoever can't comes last, with the rule that says so.
 *
 * @param random numbers from 0 up to 1
 */
export function rank(domainId: string, candidates: readonly Candidate[], random: () => number): ConsideredSupervisor[] {
  const rules = Object.keys(placementRules) as PlacementRule[];
  const judged = candidates.map((candidate) => ({
    candidate,
    rejectedBy: rules.find((rule) => rejects[rule](candidate, domainId)) ?? null,
    chance: random(),
  }));
  const isForeign = ({ candidate }: (typeof judged)[number]) => Number(candidate.domainId !== domainId);
  const fit = judged
    .filter(({ rejectedBy }) => rejectedBy === null)
    .sort(
      (a, b) =>
        b.candidate.priority - a.candidate.priority ||
        isForeign(a) - isForeign(b) ||
        a.candidate.pluginCount - b.candidate.pluginCount ||
        a.chance - b.chance,
    );
  const unfit = judged.filter(({ rejectedBy }) => rejectedBy !== null);
  return [
    ...fit.map(({ candidate }, place) => ({ candidate, rank: place + 1, rejectedBy: null })),
    ...unfit.map(({ candidate, rejectedBy }) => ({ candidate, rank: null, rejectedBy })),
  ];
}
