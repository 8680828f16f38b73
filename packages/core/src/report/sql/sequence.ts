import { hashSql } from './replaced.ts';

/**
 * S12: whether the report (`r`) is no newer than the last one of its run that was taken, of the run that the lease (`l`)
 * has or of the one before it.
 */
export const isStale = `coalesce(CASE
      WHEN r."bootId" = l.boot_id THEN r."sequence" <= l.sequence
      WHEN ${hashSql('r."bootId"')} = l.replaced_runs[1] THEN r."sequence" <= l.previous_sequence
    END, false)`;
