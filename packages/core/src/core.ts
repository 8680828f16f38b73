import type { Database } from '@muster/db';
import { type Access, openAccess } from './access/authenticate.ts';
import type { JwtSettings } from './access/jwt.ts';
import { createTenants, type Tenants } from './access/tenants.ts';
import { defaultSettings, type Limits, refuseLimitsBeyondDatabase, type Settings } from './base/settings.ts';
import { createEventHub, type EventHub } from './event/hub.ts';
import { createFamilyReader, type FamilyReader } from './event/supervisorTree.ts';
import { startEventTail } from './event/tail.ts';
import { startTrimming } from './event/trim.ts';
import { createFleetGauge, type FleetGauge } from './liveness/pacing.ts';
import { type Swept, startSweeps } from './liveness/sweep.ts';
import { advanceAtOnce } from './placement/advance.ts';
import type { EndpointWait } from './placement/endpoint/endpointWait.ts';
import { createTurns, type Turns } from './placement/endpoint/roundRobin.ts';
import { createKnownCounts, type KnownCounts } from './query/knownCounts.ts';
import { createNamedStatements, type NamedStatements } from './query/statements.ts';
import { createReportBatcher, type ReportBatcher } from './report/reportBatcher.ts';

/** What every operation needs; made by `openCore`. */
export interface Core {
  /** Without Prisma: rows that belong to tenants are reached through `tenants`. */
  readonly db: Omit<Database, 'prisma'>;
  readonly tenants: Tenants;
  readonly settings: Settings;
  /** Milliseconds by which the database's clock is read ahead; 0 but in tests that move time. */
  readonly clockOffsetMs: () => number;
  /** Milliseconds since 1970 by this process's clock, moved likewise: credentials are judged by it. */
  readonly now: () => number;
  readonly access: Access;
  /** Numbers from 0 up to 1, for jitter. */
  readonly random: () => number;
  readonly hub: EventHub;
  /** What watches with filters on related rows ask. */
  readonly families: FamilyReader;
  readonly fleet: FleetGauge;
  /** M4: whose turn it is to be handed out. Of this process alone: others take turns of their own. */
  readonly endpointTurns: Turns;
  /** Who waits for an endpoint, by what they wait for. */
  readonly endpointWaits: Map<string, EndpointWait>;
  /** Is told of trouble that an operator would want to know of, and that mends itself. */
  readonly onWarning: (message: string, error: unknown) => void;
  /** Is told what each sweep did, and how much time without sweeps it excused (L5). */
  readonly onSwept: (swept: Swept & { excusedMs: number }) => void;
  /** Those of lists and objects, which are made as they are asked for. */
  readonly statements: NamedStatements;
  /** How many rows there were when they were last counted. */
  readonly counts: KnownCounts;
  /** Takes the reports that come together to the database together. */
  readonly reports: ReportBatcher;
}

export interface OpenCoreOptions {
  /** What differs from the defaults. */
  settings?: Partial<Omit<Settings, 'limits'>> & { limits?: Partial<Limits> };
  clockOffsetMs?: () => number;
  random?: () => number;
  onWarning?: (message: string, error: unknown) => void;
  onSwept?: Core['onSwept'];
  /** How tokens are verified; by default none are taken. */
  jwt?: JwtSettings | undefined;
  /** Whether this process sweeps, trims and looks for revoked keys on timers. Default true; tests do so themselves. */
  sweeps?: boolean;
}

/**
 * Makes the domain work over an open database: follows the event log, sweeps and trims until `close`, which
 * ends every subscription and leaves the database open.
 */
export async function openCore(
  db: Database,
  options: OpenCoreOptions = {},
): Promise<{ core: Core; close(): Promise<void> }> {
  const settings = {
    ...defaultSettings,
    ...options.settings,
    limits: { ...defaultSettings.limits, ...options.settings?.limits },
  };
  refuseLimitsBeyondDatabase(settings.limits);
  const onWarning = options.onWarning ?? (() => {});
  const clockOffsetMs = options.clockOffsetMs ?? (() => 0);
  const now = () => Date.now() + clockOffsetMs();
  const access = await openAccess({ db, jwt: options.jwt, now, polls: options.sweeps !== false, onWarning });
  const { tail, close: closeTail } = await startEventTail({ db, pollMs: settings.eventPollMs, onWarning });
  const core: Core = {
    db,
    tenants: createTenants(db.prisma),
    settings,
    clockOffsetMs,
    now,
    access,
    random: options.random ?? Math.random,
    hub: createEventHub(tail, settings.subscriptionBufferEvents),
    families: createFamilyReader(db, tail.logId),
    fleet: createFleetGauge(db, clockOffsetMs),
    endpointTurns: createTurns(),
    endpointWaits: new Map(),
    onWarning,
    onSwept: options.onSwept ?? (() => {}),
    statements: createNamedStatements(),
    counts: createKnownCounts(),
    reports: createReportBatcher({ db, settings, clockOffsetMs }),
  };
  const stops = options.sweeps === false ? [] : [startSweeps(core), startTrimming(core), advanceAtOnce(core)];
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
