import type { PlacementRule } from '../../generated/operations.ts';

/** The rules by which a supervisor is rejected, in words (M1, M3). */
export const placementRules: Readonly<Record<PlacementRule, string>> = {
  OTHER_DOMAIN: 'Another domain’s',
  NOT_ENABLED: 'Not enabled',
  CORDONED: 'Cordoned',
  LABELS: 'Labels lack',
  FILTER: 'Filter',
  ALREADY_THERE: 'Already there',
  DRAINING: 'Draining',
  AWAY: 'Away',
  CONFLICT: 'Conflict',
  ENOUGH: 'Enough have it',
};
