import { z } from 'zod';
import { domainFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput, DomainError, notFound } from '../../base/errors.ts';
import { newRolloutId } from '../../base/ids.ts';
import { describe, type JsonObject, jsonObject, parse, perLimits, text } from '../../base/validate.ts';
import { type Core, internalsOf } from '../../core.ts';
import { inPlacement } from '../place.ts';
import { playRound } from './rolloutRound.ts';
import { type RolloutProgress, readProgress } from './rollouts.ts';
import { findRollout } from './sql/findRollout.ts';
import { insertRollout } from './sql/insertRollout.ts';

export interface UpgradeInput {
  domainId?: string | null | undefined;
  pluginId: string;
  from: string;
  to: string;
  /** Only where the supervisor's labels contain these. Default: everywhere. */
  labels?: JsonObject | null | undefined;
  /** Supervisors on which the new version is installed at a time. Default 1. */
  maxUnavailable?: number | null | undefined;
  /** How long the new version may take to be ACTIVE on one. Default: the provisioning deadline. */
  healthyDeadlineSeconds?: number | null | undefined;
}

/**
 * Upgrades a plugin of a domain wherever it is managed in version `from`: on one supervisor after another, of the least
 * priority first, the new version is installed beside the old, which goes once the new one is ACTIVE. A new version that
 * turns ERROR, or is late, has the whole rollout go back. While such a rollout is under way, or where the last one left
 * nothing to upgrade, that one is returned.
 *
 * @throws DomainError PLUGIN_STATE while another rollout of the plugin is under way; NOT_FOUND where the domain has no
 * managed plugin in version `from`.
 */
export async function upgradePlugin(core: Core, viewer: Viewer, input: UpgradeInput): Promise<RolloutProgress> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const given = parse(upgradeSchema(core.settings.limits), input);
  const { pluginId, from, to } = given;
  if (from === to) throw badUserInput(['to'], `expected another version than from; got ${describe(to)}`);
  const upgrade = { domainId, pluginId, from, to, labels: given.labels ?? {} };
  const id = await inPlacement(internals, upgrade, async (sql) => {
    const { running, lastId, hasOld } = await findRollout(sql, upgrade);
    if (running) {
      if (running.from === from && running.to === to) return running.id;
      throw new DomainError(
        'PLUGIN_STATE',
        `cannot upgrade ${pluginId} from ${from} to ${to}: ${running.id}, from ${running.from} to ${running.to}, is under way`,
        { rolloutId: running.id },
      );
    }
    if (!hasOld) {
      if (lastId !== null) return lastId;
      throw notFound('managed plugin', `${pluginId} ${from} in domain ${domainId}`);
    }
    const begun = newRolloutId();
    await insertRollout(sql, {
      ...upgrade,
      id: begun,
      maxUnavailable: given.maxUnavailable ?? 1,
      healthyDeadlineSeconds: given.healthyDeadlineSeconds ?? core.settings.provisioningDeadlineSeconds,
      actor: viewer.subject,
      clockOffsetMs: internals.clockOffsetMs(),
    });
    await playRound(internals, sql, begun);
    return begun;
  });
  const rollout = await readProgress(internals, { domainId }, id);
  if (!rollout) throw new Error(`${id} is gone`);
  return rollout;
}

const longestDeadlineSeconds = 30 * 86_400;

const upgradeSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    from: text(limits.pluginIdLength),
    to: text(limits.pluginIdLength),
    labels: jsonObject(limits).nullish(),
    maxUnavailable: z.int().min(1).max(100_000).nullish(),
    healthyDeadlineSeconds: z.int().min(1).max(longestDeadlineSeconds).nullish(),
  });
});
