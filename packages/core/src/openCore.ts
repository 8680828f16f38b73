import type { Database } from '@muster/db';
import { openAccess } from './access/authenticate.ts';
import type { JwtSettings } from './access/jwt.ts';
import { createTenants } from './access/tenants.ts';
import { createPacer } from './base/pacer.ts';
import {
  defaultSettings,
  type Limits,
  type Quotas,
  refuseLimitsBeyondDatabase,
  type Settings,
} from './base/settings.ts';
import type { Core, CoreInternals } from './core.ts';
import { createEventHub } from './event/hub.ts';
import { createSupervisorTreeReader, SharedTrees } from './event/supervisorTree.ts';
import { startEventTail } from './event/tail.ts';
import { startTrimming } from './event/trim.ts';
import { GuessLimit } from './identity/guessLimit.ts';
import { RefusedIdentities } from './identity/refusedIdentities.ts';
import { createLiveSupervisorCount } from './liveness/pacing.ts';
import { advanceOnChanges } from './placement/advance.ts';
import { createRoundRobin } from './placement/endpoint/roundRobin.ts';
import { createCountCache } from './query/countCache.ts';
import { createSqlFragmentCache } from './query/sqlFragmentCache.ts';
import { createNamedStatements } from './query/statements.ts';
import { ReportBatcher } from './report/reportBatcher.ts';
import { startSweeps } from './sweep/sweep.ts';
import type { OnSwept } from './sweep/swept.ts';

/** The parameters of `openCore`. */
export interface OpenCoreOptions {
  /** Settings other than the defaults. */
  settings?: Partial<Omit<Settings, 'limits' | 'quotas'>> & { limits?: Partial<Limits>; quotas?: Partial<Quotas> };
  /** Milliseconds by which the clocks are read ahead, for tests that move time. Default 0. */
  clockOffsetMs?: () => number;
  /** Random numbers from 0 up to, but not including, 1. Default `Math.random`. */
  random?: () => number;
  /** Receives failures that the next round repairs. By default they are dropped. */
  onWarning?: (message: string, error: unknown) => void;
  /** Receives the result of each sweep on a timer. */
  onSwept?: OnSwept;
  /** How tokens are verified; by default no token is accepted. */
  jwt?: JwtSettings | undefined;
  /** A5: whether credentials are asked for even while there are none. By default the core is open then. */
  asksCredentials?: boolean | undefined;
  /** Whether this process sweeps, trims and refreshes API keys on timers. Default true; tests call these themselves. */
  sweeps?: boolean;
}

/**
 * Opens the domain over a database: it follows the event log, sweeps and trims until `close`, which ends every
 * subscription and leaves the database open.
 *
 * @throws RangeError for a limit above the database's; the database's error if the log can't be read
 */
export async function openCore(
  db: Database,
  options: OpenCoreOptions = {},
): Promise<{ core: Core; close(): Promise<void> }> {
  const settings = {
    ...defaultSettings,
    ...options.settings,
    limits: { ...defaultSettings.limits, ...options.settings?.limits },
    quotas: { ...defaultSettings.quotas, ...options.settings?.quotas },
  };
  refuseLimitsBeyondDatabase(settings.limits);
  const onWarning = options.onWarning ?? (() => {});
  const clockOffsetMs = options.clockOffsetMs ?? (() => 0);
  const now = () => Date.now() + clockOffsetMs();
  const access = await openAccess({
    db,
    jwt: options.jwt,
    asksCredentials: options.asksCredentials,
    now,
    polls: options.sweeps !== false,
    onWarning,
  });
  const { tail, close: closeTail } = await startEventTail({ db, pollMs: settings.eventPollMs, onWarning });
  const core: CoreInternals = {
    db,
    tenants: createTenants(db.prisma),
    settings,
    clockOffsetMs,
    now,
    access,
    random: options.random ?? Math.random,
    hub: createEventHub(tail, settings.subscriptionBufferEvents),
    pacer: createPacer(),
    trees: new SharedTrees(
      createSupervisorTreeReader(db, () => tail.log),
      () => tail.log,
    ),
    liveSupervisors: createLiveSupervisorCount(db, clockOffsetMs),
    endpointRoundRobin: createRoundRobin(),
    endpointWaits: new Map(),
    onWarning,
    onSwept: options.onSwept ?? (() => {}),
    statements: createNamedStatements(),
    fragments: createSqlFragmentCache(),
    counts: createCountCache(),
    guesses: new GuessLimit(now, settings.secretGuessesPerMinute),
    refusedIdentities: new RefusedIdentities({ db, now, clockOffsetMs, onWarning }),
    reports: new ReportBatcher({ db, settings, clockOffsetMs }),
  };
  const stops = options.sweeps === false ? [] : [startSweeps(core), startTrimming(core), advanceOnChanges(core)];
  return {
    core,
    close: async () => {
      await Promise.all(stops.map((stop) => stop()));
      core.hub.close();
      await access.close();
      await closeTail();
    },
  };
}
