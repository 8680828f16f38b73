import type { Release } from '@muster/db';
import { fieldsFromRow, type JsonRow } from '../base/rows.ts';
import type { ReleaseSpec } from './releaseSpec.ts';

/** A release with its spec, which the database has in its canonical form. */
export type ReleaseInfo = Omit<Release, 'spec'> & { readonly spec: ReleaseSpec };

/** The release of a row. */
export function releaseFromRow(row: JsonRow): ReleaseInfo {
  return fieldsFromRow(row) as unknown as ReleaseInfo;
}
