import type { SupervisorState } from '@muster/db';

/** The properties of a supervisor by which placement decides. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly state: SupervisorState;
  readonly isPublic: boolean;
  readonly cordoned: boolean;
  readonly priority: number;
  /** The labels asked for that the supervisor lacks, or has with another value; null for none. */
  readonly lackingLabels: Readonly<Record<string, unknown>> | null;
  /** Whether the domain has this version of the plugin there already, so that it can't be installed. */
  readonly isTaken: boolean;
  /** How many plugins of the domain are wanted there: those that the asker may see. */
  readonly pluginCount: number;
}

/** The rules by which a supervisor is rejected, each with its text for operators; the first that applies is named. */
export const placementRules = {
  OTHER_DOMAIN: 'it belongs to another domain, and is not public',
  NOT_ENABLED: 'it is not ENABLED',
  CORDONED: 'it is cordoned: nothing new is placed on it',
  LABELS: 'its labels do not contain all the labels asked for',
  ALREADY_THERE: 'this version of the plugin is there already',
} as const;
/** The name of such a rule. */
export type PlacementRule = keyof typeof placementRules;

const rejects: Record<PlacementRule, (candidate: Candidate, domainId: string) => boolean> = {
  OTHER_DOMAIN: (candidate, domainId) => candidate.domainId !== domainId && !candidate.isPublic,
  NOT_ENABLED: ({ state }) => state !== 'ENABLED',
  CORDONED: ({ cordoned }) => cordoned,
  LABELS: ({ lackingLabels }) => lackingLabels !== null,
  ALREADY_THERE: ({ isTaken }) => isTaken,
};

/** A supervisor that placement considered, with its rank or the rule that rejected it. */
export interface ConsideredSupervisor {
  readonly candidate: Candidate;
  /** From 1, the supervisor that gets the plugin; null for a rejected supervisor. */
  readonly rank: number | null;
  readonly rejectedBy: PlacementRule | null;
}

/**
 * M1, M2: orders the supervisors that can take a plugin of this domain: the own domain before public supervisors of
 * others, then higher priority, then fewer plugins, then at random. Rejected supervisors come last, with the rule that
 * rejected them.
 *
 * @param random numbers from 0 up to 1
 * @param failedIds the supervisors that come behind all others that can take it, in this order (D3)
 */
export function rank(
  domainId: string,
  candidates: readonly Candidate[],
  random: () => number,
  failedIds: readonly string[] = [],
): ConsideredSupervisor[] {
  const rules = Object.keys(placementRules) as PlacementRule[];
  const evaluated = candidates.map((candidate) => ({
    candidate,
    rejectedBy: rules.find((rule) => rejects[rule](candidate, domainId)) ?? null,
    chance: random(),
  }));
  const failures = ({ candidate }: (typeof evaluated)[number]) => failedIds.indexOf(candidate.id);
  const isForeign = ({ candidate }: (typeof evaluated)[number]) => Number(candidate.domainId !== domainId);
  const fit = evaluated
    .filter(({ rejectedBy }) => rejectedBy === null)
    .sort(
      (a, b) =>
        failures(a) - failures(b) ||
        isForeign(a) - isForeign(b) ||
        b.candidate.priority - a.candidate.priority ||
        a.candidate.pluginCount - b.candidate.pluginCount ||
        a.chance - b.chance,
    );
  const unfit = evaluated.filter(({ rejectedBy }) => rejectedBy !== null);
  return [
    ...fit.map(({ candidate }, index) => ({ candidate, rank: index + 1, rejectedBy: null })),
    ...unfit.map(({ candidate, rejectedBy }) => ({ candidate, rank: null, rejectedBy })),
  ];
}
