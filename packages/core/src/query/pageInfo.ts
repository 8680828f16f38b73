/** The fields of Relay's page info. */
export type PageInfoField = 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor';

type FlagSource = 'isMore' | 'hasCursor';
type CursorSource = 'firstCursor' | 'lastCursor';

/**
 * Where each field of the page info comes from, by the direction in which the page is read. Rows are counted in that
 * direction: `isMore`, there are more rows than the page shows; `hasCursor`, the page began at a cursor; `firstCursor`
 * and `lastCursor`, those of the first and the last row shown. Pages of rows (page.ts) and pages as JSON
 * (jsonRead/selection.ts) both read this table.
 */
export const pageInfoSources = {
  forward: {
    hasNextPage: 'isMore',
    hasPreviousPage: 'hasCursor',
    startCursor: 'firstCursor',
    endCursor: 'lastCursor',
  },
  backward: {
    hasNextPage: 'hasCursor',
    hasPreviousPage: 'isMore',
    startCursor: 'lastCursor',
    endCursor: 'firstCursor',
  },
} as const satisfies Record<
  'forward' | 'backward',
  Record<'hasNextPage' | 'hasPreviousPage', FlagSource> & Record<'startCursor' | 'endCursor', CursorSource>
>;
