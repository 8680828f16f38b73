import type { Plugin, Sql } from '@muster/db';
import { DomainError } from '../base/errors.ts';
import { newPluginInstanceId } from '../base/ids.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { CoreInternals } from '../core.ts';
import type { PluginReason } from '../plugin/lifecycle.ts';
import { type ConsideredSupervisor, placementRules, rank } from './rank.ts';
import { lockPlacement } from './sql/lockPlacement.ts';
import { placePlugin } from './sql/placePlugin.ts';
import { readCandidates } from './sql/readCandidates.ts';

/** What is to be placed. */
export interface WantedPlugin {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** M1: what the supervisor's labels must contain. */
  readonly labels: object;
  /** M2: the only supervisor that will do; null for the first in rank. */
  readonly supervisorId: string | null;
}

export interface PlacementContext {
  readonly actor: string;
  readonly reason: PluginReason | null;
  /** The plugin that it takes the place of once it is ACTIVE; null for none. */
  readonly replacesId: string | null;
}

export type PlacementResult = { readonly plugin: Plugin } | { readonly considered: readonly ConsideredSupervisor[] };

const maxTries = 10;

/**
 * Runs `work` in a transaction in which nobody else decides about the same plugin of the same domain. A deadlock with
 * reports of the same rows is tried again.
 */
export async function inPlacement<Result>(
  core: CoreInternals,
  { domainId, pluginId }: { domainId: string; pluginId: string },
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await core.db.transaction(async (sql) => {
        await lockPlacement(sql, domainId, pluginId);
        return work(sql);
      });
    } catch (error) {
      if (tries === maxTries || !isDeadlock(error)) throw error;
    }
  }
}

/** Places a plugin within `inPlacement`, or tells why nobody can take it (M3). */
export async function place(
  core: CoreInternals,
  sql: Sql,
  wish: WantedPlugin,
  context: PlacementContext,
): Promise<PlacementResult> {
  for (let tries = 0; tries < maxTries; tries++) {
    const considered = rank(wish.domainId, await readCandidates(sql, wish), core.random);
    const [first] = considered;
    if (!first || first.rank === null) return { considered };
    const row = await placePlugin(sql, {
      ...wish,
      ...context,
      instanceId: newPluginInstanceId(),
      supervisorId: first.candidate.id,
      despiteCordon: false,
      deadlineMs: core.settings.provisioningDeadlineSeconds * 1000,
      clockOffsetMs: core.clockOffsetMs(),
    });
    if (row) return { plugin: pluginFromRow(row) };
  }
  throw new DomainError('UNAVAILABLE', `the supervisors for ${wish.pluginId} keep changing; try again`);
}

/** M3: why each supervisor that was considered was rejected. */
export function noPossibleSupervisor(
  core: CoreInternals,
  wish: WantedPlugin,
  considered: readonly ConsideredSupervisor[],
): DomainError {
  const listed = considered.slice(0, core.settings.limits.consideredSupervisors);
  return new DomainError(
    'NO_POSSIBLE_SUPERVISOR',
    `expected a supervisor that can take ${wish.pluginId} ${wish.version} of domain ${wish.domainId}; of ${considered.length} considered none can`,
    {
      considered: listed.map(({ candidate, rejectedBy }) => ({
        supervisorId: candidate.id,
        name: candidate.name,
        rule: rejectedBy,
        message: rejectedBy && placementRules[rejectedBy],
      })),
      untold: considered.length - listed.length,
    },
  );
}

function isDeadlock(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '40P01';
}
