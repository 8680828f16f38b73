import type { Database } from '@muster/db';
import { Admission } from '../src/limits/admission.ts';
import type { Caller } from '../src/limits/caller.ts';

/** An admission with the default bounds; without a database, operations run nowhere in particular. */
export function createTestAdmission(db: Pick<Database, 'runAs'> = { runAs: (_work, run) => run() }): Admission {
  return new Admission({
    db,
    timeoutMs: 10_000,
    operationsPerCredential: 16,
    operationsPerDomain: 64,
    waitingPerDomain: 1_000,
    waitsPerCredential: 200,
  });
}

/** A client that never goes. */
export const patientCaller: Caller = { onGone: () => () => {} };
