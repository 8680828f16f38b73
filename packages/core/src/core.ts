import type { Database } from '@muster/db';
import type { Access } from './access/authenticate.ts';
import type { Tenants } from './access/tenants.ts';
import type { Pacer } from './base/pacer.ts';
import type { Settings } from './base/settings.ts';
import type { EventHub } from './event/hub.ts';
import type { SharedTrees } from './event/supervisorTree.ts';
import type { GuessLimit } from './identity/guessLimit.ts';
import type { RefusedIdentities } from './identity/refusedIdentities.ts';
import type { LiveSupervisorCount } from './liveness/pacing.ts';
import type { RoundRobin } from './placement/endpoint/roundRobin.ts';
import type { EndpointWaits } from './placement/endpoint/waits.ts';
import type { CountCache } from './query/countCache.ts';
import type { SqlFragmentCache } from './query/sqlFragmentCache.ts';
import type { NamedStatements } from './query/statements.ts';
import type { ReportBatcher } from './report/reportBatcher.ts';
import type { OnSwept } from './sweep/swept.ts';

/** The open domain, as fronts hold it: every operation takes it first. Made by `openCore` and by nothing else. */
export interface Core {
  readonly settings: Settings;
  /** Turns credentials into viewers, and ends what outlives a viewer's right. */
  readonly access: Access;
  /** Divides the work of subscriptions, and of large answers, into turns of the event loop. */
  readonly pacer: Pacer;
  /** Hands committed changes on to subscriptions. */
  readonly hub: EventHub;
  /** Counters of the report batches, for monitoring. */
  readonly reports: Pick<ReportBatcher, 'statements' | 'reports' | 'waiting'>;
  /** Milliseconds since 1970 by this process's clock, plus `clockOffsetMs`: credentials are judged by it. */
  readonly now: () => number;
}

/** The same core with what only this package's own files may use; see `internalsOf`. */
export interface CoreInternals extends Core {
  /** Without Prisma: rows that belong to tenants are reached through `tenants`. */
  readonly db: Omit<Database, 'prisma'>;
  /** Prisma clients that reach one domain's rows only. */
  readonly tenants: Tenants;
  /** Milliseconds by which the database's clock is read ahead; 0 except in tests that move time. */
  readonly clockOffsetMs: () => number;
  /** Random numbers from 0 up to, but not including, 1: for jitter. */
  readonly random: () => number;
  /** Reads supervisors with their plugins, for watches whose filter reaches related rows. */
  readonly trees: SharedTrees;
  /** Counts the live supervisors, by which publishes are paced. */
  readonly liveSupervisors: LiveSupervisorCount;
  /** M4: round robin over a plugin's endpoints. Each process takes turns for itself. */
  readonly endpointRoundRobin: RoundRobin;
  /** Callers of this process that wait for an endpoint, grouped by what they wait for. */
  readonly endpointWaits: EndpointWaits;
  /** Receives failures that the next round repairs, and that an operator may want to know of. */
  readonly onWarning: (message: string, error: unknown) => void;
  /** Receives the result of each sweep on a timer. */
  readonly onSwept: OnSwept;
  /** Names for SQL statements that are built as they are needed (lists and JSON reads). */
  readonly statements: NamedStatements;
  /** Parts of those statements that are the same in each. */
  readonly fragments: SqlFragmentCache;
  /** Cached counts of rows, by scope. */
  readonly counts: CountCache;
  /** S6: bounds how often secrets are guessed. */
  readonly guesses: GuessLimit;
  /** S9: tells operators of refused identities. */
  readonly refusedIdentities: RefusedIdentities;
  /** Writes reports to the database in batches. */
  readonly reports: ReportBatcher;
}

/** The internals of a core, for the operations that fronts call with a `Core`. */
export function internalsOf(core: Core): CoreInternals {
  if (!hasInternals(core)) throw new TypeError('expected a core that openCore made');
  return core;
}

function hasInternals(core: Core): core is CoreInternals {
  return 'db' in core;
}
