/** The fields of Relay's page info. */
export type PageInfoField = 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor';

type FlagSource = 'isMoreAhead' | 'isAnyBehind';
type CursorSource = 'firstCursor' | 'lastCursor';

/**
 * Where each field of the page info comes from, by the direction in which the page is read. Rows are counted in that
 * direction: `isMoreAhead`, there are more rows than the page shows; `isAnyBehind`, there are rows up to the cursor that
 * the page begins at; `firstCursor` and `lastCursor`, those of the first and the last row shown. Pages of rows (page.ts)
 * and pages as JSON (jsonRead/selection.ts) both read this table.
 */
export const pageInfoSources = {
  forward: {
    hasNextPage: 'isMoreAhead',
    hasPreviousPage: 'isAnyBehind',
    startCursor: 'firstCursor',
    endCursor: 'lastCursor',
  },
  backward: {
    hasNextPage: 'isAnyBehind',
    hasPreviousPage: 'isMoreAhead',
    startCursor: 'lastCursor',
    endCursor: 'firstCursor',
  },
} as const satisfies Record<
  'forward' | 'backward',
  Record<'hasNextPage' | 'hasPreviousPage', FlagSource> & Record<'startCursor' | 'endCursor', CursorSource>
>;
