import type { Core } from '../core.ts';
import { internalsOf } from '../core.ts';
import { expireCursors } from './sql/expireCursors.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

/** An epoch that has begun. */
export interface RenewedLog {
  readonly epoch: string;
  /** The last event before it. */
  readonly afterSeq: number;
}

/**
 * O5: has an epoch begin, so that every cursor that was given out by now is CURSOR_EXPIRED, and every running reader starts
 * anew. For people who can reach the database: it asks for no viewer.
 */
export async function renewLog(core: Core): Promise<RenewedLog> {
  const { sql } = internalsOf(core).db;
  await expireCursors(sql);
  const { epoch, headSeq } = await readLogBounds(sql);
  return { epoch, afterSeq: headSeq };
}
