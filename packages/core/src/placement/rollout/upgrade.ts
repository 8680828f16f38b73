import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { domainFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput, DomainError, notFound } from '../../base/errors.ts';
import { newRolloutId } from '../../base/ids.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { describe, jsonObject, parse, perLimits, text } from '../../base/validate.ts';
import { type Core, internalsOf } from '../../core.ts';
import { inPlacement } from '../place.ts';
import { playRound } from './rolloutRound.ts';
import { type RolloutProgress, readProgress } from './rollouts.ts';
import { findRollout } from './sql/findRollout.ts';
import { insertRollout } from './sql/insertRollout.ts';

/** The upgrade of a plugin from one version to another. */
export type UpgradeInput = DomainInput & z.input<ReturnType<typeof upgradeSchema>>;

/**
 * Starts a rollout (docs/placement.md, "Rollouts") on the supervisors where the domain has the plugin managed in
 * version `from`. Returns the rollout that is under way, or the last one where no supervisor has that version any more.
 *
 * @throws DomainError PLUGIN_STATE while another rollout of the plugin is under way; NOT_FOUND where the domain has no
 * managed plugin in version `from`.
 */
export async function upgradePlugin(
  core: Core,
  viewer: Viewer,
  input: Unchecked<UpgradeInput>,
): Promise<RolloutProgress> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const parsed = parse(upgradeSchema(core.settings.limits), input);
  const { pluginId, from, to } = parsed;
  if (from === to) throw badUserInput(['to'], `expected another version than from; got ${describe(to)}`);
  const upgrade = { domainId, pluginId, from, to, labels: parsed.labels ?? {} };
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
    const rolloutId = newRolloutId();
    await insertRollout(sql, {
      ...upgrade,
      id: rolloutId,
      maxUnavailable: parsed.maxUnavailable ?? 1,
      healthyDeadlineSeconds: parsed.healthyDeadlineSeconds ?? core.settings.provisioningDeadlineSeconds,
      actor: viewer.subject,
      clockOffsetMs: internals.clockOffsetMs(),
    });
    await playRound(internals, sql, rolloutId);
    return rolloutId;
  });
  const rollout = await readProgress(internals, { domainId }, id);
  if (!rollout) throw new Error(`${id} is gone`);
  return rollout;
}

/** Thirty days. */
const longestDeadlineSeconds = 30 * 86_400;

const upgradeSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    from: text(limits.pluginIdLength),
    to: text(limits.pluginIdLength),
    /** The labels that a supervisor must have to take part. Default: none. */
    labels: jsonObject(limits).nullish(),
    /** How many supervisors install the new version at a time. Default 1. */
    maxUnavailable: z.int().min(1).max(100_000).nullish(),
    /** Within how many seconds the new version must be ACTIVE on each. Default: the provisioning deadline. */
    healthyDeadlineSeconds: z.int().min(1).max(longestDeadlineSeconds).nullish(),
  });
});
