import type { Rollout } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { domainFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput, DomainError, notFound } from '../../base/errors.ts';
import { newRolloutId } from '../../base/ids.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { describe, jsonObject, parse, perLimits, text } from '../../base/validate.ts';
import { type Core, internalsOf } from '../../core.ts';
import { refuseRetired } from '../../release/refuseRetired.ts';
import { inPlacement } from '../place.ts';
import { defaultDeadlineSeconds, healthOf, mostSupervisors, rolloutPace } from './rolloutPace.ts';
import { playRounds } from './rolloutRound.ts';
import { findRolloutById } from './rollouts.ts';
import { attributeChanges } from './sql/attributeChanges.ts';
import { findRollout } from './sql/findRollout.ts';
import { insertRollout, type NewRollout } from './sql/insertRollout.ts';

/** The upgrade of a plugin from one version to another. */
export type UpgradeInput = DomainInput & z.input<ReturnType<typeof upgradeSchema>>;

/**
 * Starts a rollout (docs/placement.md, "Rollouts") on the supervisors where the domain has the plugin managed in
 * version `from`. Returns the rollout that is under way, or the last one where no supervisor has that version any more.
 *
 * @throws DomainError PLUGIN_STATE while another rollout of the plugin is under way, where a deployment keeps it, or where
 * the release of version `to` is retired (C1); NOT_FOUND where the domain has no
 * managed plugin in version `from`.
 */
export async function upgradePlugin(core: Core, viewer: Viewer, input: Unchecked<UpgradeInput>): Promise<Rollout> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const parsed = parse(upgradeSchema(core.settings.limits), input);
  const { pluginId, from, to } = parsed;
  if (from === to) throw badUserInput(['to'], `expected another version than from; got ${describe(to)}`);
  const upgrade = { domainId, pluginId, from, to, labels: parsed.labels ?? {} };
  const planned = { ...rolloutOf(upgrade, parsed, core.settings.provisioningDeadlineSeconds), actor: viewer.subject };
  const id = await inPlacement(internals, upgrade, async (sql) => {
    const { running, lastId, hasOld, deployment } = await findRollout(sql, upgrade);
    if (running) {
      if (running.from === from && running.to === to) return running.id;
      throw new DomainError(
        'PLUGIN_STATE',
        `cannot upgrade ${pluginId} from ${from} to ${to}: ${running.id}, from ${running.from} to ${running.to}, is under way`,
        { rolloutId: running.id },
      );
    }
    if (!hasOld) {
      if (deployment !== null) {
        throw new DomainError(
          'PLUGIN_STATE',
          `cannot upgrade ${pluginId} ${from}: deployment ${deployment} keeps it; change the version of that`,
        );
      }
      if (lastId !== null) return lastId;
      throw notFound('managed plugin', `${pluginId} ${from} in domain ${domainId}`);
    }
    await refuseRetired(sql, { domainId, pluginId, version: to });
    const rolloutId = newRolloutId();
    await attributeChanges(sql, viewer.subject, 'UPGRADE_REQUESTED');
    await insertRollout(sql, { ...planned, id: rolloutId }, internals.clockOffsetMs());
    await playRounds(internals, sql, rolloutId);
    return rolloutId;
  });
  const rollout = await findRolloutById(internals, { domainId }, id);
  if (!rollout) throw new Error(`${id} is gone`);
  return rollout;
}

type ParsedUpgrade = z.infer<ReturnType<typeof upgradeSchema>>;

/** The rollout that an upgrade asks for. */
function rolloutOf(
  { domainId, labels }: { domainId: string; labels: object },
  { pluginId, from, to, ...asked }: ParsedUpgrade,
  provisioningDeadlineSeconds: number,
): Omit<NewRollout, 'id' | 'actor'> {
  return {
    domainId,
    pluginId,
    fromVersion: from,
    toVersion: to,
    labels,
    ...healthOf(asked, provisioningDeadlineSeconds),
    maxUnavailable: asked.maxUnavailable ?? 1,
    maxFailures: asked.maxFailures ?? 0,
    onFailure: asked.onFailure ?? 'ROLL_BACK',
    deadlineSeconds: asked.deadlineSeconds ?? defaultDeadlineSeconds,
    deploymentId: null,
    canaryCount: asked.canary?.count ?? null,
    autoPromoteSeconds: asked.canary?.autoPromoteSeconds ?? null,
  };
}

const upgradeSchema = perLimits((limits) => {
  return z.object({
    ...rolloutPace,
    pluginId: text(limits.pluginIdLength),
    from: text(limits.pluginIdLength),
    to: text(limits.pluginIdLength),
    /** The labels that a supervisor must have to take part. Default: none. */
    labels: jsonObject(limits).nullish(),
    /** How many supervisors install the new version at a time. Default 1. */
    maxUnavailable: z.int().min(1).max(mostSupervisors).nullish(),
  });
});
