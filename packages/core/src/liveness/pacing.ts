import { type Database, ownWork } from '@muster/db';
import type { Settings } from '../base/settings.ts';

/** How long a count of the fleet is cached. */
const maxAgeMs = 10_000;

/** The number of live supervisors, cached for ten seconds. */
export interface LiveSupervisorCount {
  /** Callers that ask while a count is being read share it. Where that fails they get the one before; a failure is not cached. */
  count(): Promise<number>;
}

/** A count over one database. */
export function createLiveSupervisorCount(
  db: Pick<Database, 'sql' | 'runAs'>,
  clockOffsetMs: () => number,
): LiveSupervisorCount {
  const counting = ownWork('sweeps');
  let latest: { readAtMs: number; count: Promise<number> } | undefined;
  let known: number | undefined;
  async function read(): Promise<number> {
    try {
      // Many operations share the count, so none of them may stop it.
      known = await db.runAs(counting, () => countLive(db, clockOffsetMs()));
      return known;
    } catch (error) {
      latest = undefined;
      // No report fails for a count that is a little old.
      if (known === undefined) throw error;
      return known;
    }
  }
  return {
    count: () => {
      if (!latest || performance.now() - latest.readAtMs > maxAgeMs) {
        latest = { readAtMs: performance.now(), count: read() };
      }
      return latest.count;
    },
  };
}

async function countLive(db: Pick<Database, 'sql'>, clockOffsetMs: number): Promise<number> {
  const [row] = await db.sql.query<{ count: number }>(
    // After a downtime, supervisors that lived when it began count: they are about to come back (L5), all at once.
    `SELECT count(*)::int AS count FROM leases
     WHERE expires_at > (
       SELECT least(last_sweep_at, now() + $1::float8 * interval '1 millisecond') FROM control_plane)`,
    [clockOffsetMs],
  );
  return row?.count ?? 0;
}

/**
 * L3: the longest wait between an agent's publishes. With full jitter the mean wait is half of it, so a fleet of n
 * publishes 2n / interval times a second; the interval is stretched until that stays under the configured rate.
 */
export function publishIntervalMs(settings: Settings, liveSupervisors: number): number {
  const stretched = (2 * liveSupervisors * 1000) / settings.publishesPerSecond;
  return Math.max(settings.publishIntervalMs, Math.ceil(stretched));
}

/** L3: the length of a lease: at least the configured one, and at least 3 intervals. */
export function leaseMs(settings: Settings, intervalMs: number): number {
  return Math.max(settings.leaseSeconds * 1000, 3 * intervalMs);
}

/** The pace of agents while the fleet has its present size (L3). */
export interface Pace {
  /** The longest that an agent waits between two publishes. */
  readonly intervalMs: number;
  /** How long the lease of an agent lasts. */
  readonly leaseMs: number;
}

/** The pace by which an agent is answered now. */
export async function currentPace(core: {
  readonly settings: Settings;
  readonly liveSupervisors: LiveSupervisorCount;
}): Promise<Pace> {
  const intervalMs = publishIntervalMs(core.settings, await core.liveSupervisors.count());
  return { intervalMs, leaseMs: leaseMs(core.settings, intervalMs) };
}

/** A random wait up to the interval (full jitter), so that agents that were answered together come back apart. */
export function jittered(intervalMs: number, random: () => number): number {
  return Math.max(1, Math.ceil(intervalMs * random()));
}
