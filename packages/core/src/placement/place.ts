import { isDeadlock, type Plugin, type Sql } from '@muster/db';
import { DomainError } from '../base/errors.ts';
import { newPluginInstanceId } from '../base/ids.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { CoreInternals } from '../core.ts';
import type { PluginReason } from '../plugin/lifecycle.ts';
import { type ConsideredSupervisor, placementRules, rank } from './rank.ts';
import { lockPlacement } from './sql/lockPlacement.ts';
import { placePlugin } from './sql/placePlugin.ts';
import { readCandidates } from './sql/readCandidates.ts';

/** A plugin to place, as a request asks for it once it has been parsed. */
export interface WantedPlugin {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** M1: the labels that the supervisor must have, keys and values. */
  readonly labels: object;
  /** M2: the only supervisor to consider; null for all. */
  readonly supervisorId: string | null;
  /** M2: whether public supervisors of other domains may take it. */
  readonly allowPublic: boolean;
}

/** Who places a plugin, and why. */
export interface PlacementContext {
  readonly actor: string;
  readonly reason: PluginReason | null;
  /** The plugin that the new one replaces once it is ACTIVE; null for none. */
  readonly replacesId: string | null;
  /** M6: whether the plugin stays on its supervisor whatever happens to that. Default false. */
  readonly pinned?: boolean;
  /** D3: the supervisors that are tried last, in this order. Default none. */
  readonly failedSupervisorIds?: readonly string[];
  /** A8: plugins that count towards the quota beside those that are there. Default 0. */
  readonly reserved?: number;
}

/** The placed plugin, or the supervisors that were considered and rejected. */
export type PlacementResult =
  | {
      readonly plugin: Plugin;
      /** Whether the plugin was not there before, wanted or not. */
      readonly isNew: boolean;
    }
  | { readonly considered: readonly ConsideredSupervisor[] };

/** How often a deadlock, or a supervisor that changed meanwhile, is tried again. */
const maxTries = 10;

/**
 * Runs `work` in a transaction that alone decides about this plugin of this domain. The transaction is retried after a
 * deadlock, since reports lock the same rows.
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

/**
 * Places a plugin within `inPlacement`; returns the rejected supervisors where none can take it (M3).
 *
 * @throws DomainError LIMIT where the domain has as many plugins as it may have (A8)
 */
export async function place(
  core: CoreInternals,
  sql: Sql,
  wanted: WantedPlugin,
  context: PlacementContext,
): Promise<PlacementResult> {
  const { plugins: quota } = core.settings.quotas;
  for (let tries = 0; tries < maxTries; tries++) {
    const candidates = await readCandidates(sql, wanted);
    const considered = rank(wanted.domainId, candidates, core.random, context.failedSupervisorIds);
    const [first] = considered;
    if (!first || first.rank === null) return { considered };
    const instanceId = newPluginInstanceId();
    const placed = await placePlugin(sql, {
      ...wanted,
      ...context,
      instanceId,
      supervisorId: first.candidate.id,
      despiteCordon: false,
      deploymentId: null,
      pinned: context.pinned ?? false,
      deadlineMs: core.settings.provisioningDeadlineSeconds * 1000,
      clockOffsetMs: core.clockOffsetMs(),
      // A8: a replacement makes nothing more of what the domain has.
      quota: context.replacesId === null ? quota - (context.reserved ?? 0) : null,
    });
    if (placed === 'OVER_QUOTA') throw overQuota(wanted.domainId, quota);
    if (placed) return { plugin: pluginFromRow(placed), isNew: placed.id === instanceId };
  }
  throw new DomainError('UNAVAILABLE', `the supervisors for ${wanted.pluginId} keep changing; try again`);
}

function overQuota(domainId: string, limit: number): DomainError {
  return new DomainError('LIMIT', `expected at most ${limit} plugins in domain ${domainId}`, {
    quota: 'plugins',
    limit,
  });
}

/** M3: the refusal, with the rule by which each supervisor was rejected. */
export function noPossibleSupervisor(
  core: CoreInternals,
  wanted: WantedPlugin,
  considered: readonly ConsideredSupervisor[],
): DomainError {
  const listed = considered.slice(0, core.settings.limits.consideredSupervisors);
  return new DomainError(
    'NO_POSSIBLE_SUPERVISOR',
    `expected a supervisor that can take ${wanted.pluginId} ${wanted.version} of domain ${wanted.domainId}; of ${considered.length} considered none can`,
    {
      considered: listed.map(({ candidate, rejectedBy }) => ({
        supervisorId: candidate.id,
        name: candidate.name,
        rule: rejectedBy,
        message: rejectedBy && placementRules[rejectedBy],
        // Beside another rule, labels would say nothing of why it was rejected.
        lackingLabels: rejectedBy === 'LABELS' ? candidate.lackingLabels : null,
      })),
      untold: considered.length - listed.length,
    },
  );
}
