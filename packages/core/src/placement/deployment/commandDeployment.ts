import { isDeepStrictEqual } from 'node:util';
import type { Deployment, Sql } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { domainFor, scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput, DomainError } from '../../base/errors.ts';
import { newDeploymentId } from '../../base/ids.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { describe, parse, perLimits, text } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { inPlacement } from '../place.ts';
import { rehearse } from '../rehearse.ts';
import { commandLocked } from '../rollout/commandRollout.ts';
import { attributeChanges } from '../rollout/sql/attributeChanges.ts';
import { changedSpec, newSpec, type SpecInput, specOf } from './deploymentInput.ts';
import { type DeploymentPlacement, placementsOf } from './deploymentPlacement.ts';
import { foresee, playDeployments } from './deploymentRound.ts';
import type { SeenPlugin } from './deploymentSituation.ts';
import { requireDeployment } from './deployments.ts';
import { changeDeployment } from './sql/changeDeployment.ts';
import { deleteDeploymentRow } from './sql/deleteDeployment.ts';
import { insertDeployment } from './sql/insertDeployment.ts';
import { type DeploymentWithRollout, readDeployment } from './sql/readDeployments.ts';

/** The result of a command for a deployment; of a dry run, the result that it would have. */
export interface DeploymentChangeResult {
  /** The deployment as it is now; null after its deletion, and where a dry run created it. */
  readonly deployment: Deployment | null;
  /** B2: what it means on each supervisor that has it or gets it, now and in further rounds, by the supervisors' ids. */
  readonly placements: readonly DeploymentPlacement[];
}

/** A deployment to create. */
export type CreateDeploymentInput = DomainInput & SpecInput & z.input<ReturnType<typeof createSchema>>;

const dryRun = {
  /** B2: whether only to answer, and to change nothing. Default false. */
  dryRun: z.boolean('expected true or false').nullish(),
};

const createSchema = perLimits((limits) => {
  return z.object({ ...dryRun, name: text(limits.nameLength), pluginId: text(limits.pluginIdLength) });
});

/**
 * C2: creates a deployment, and begins to fulfil it.
 *
 * @throws DomainError BAD_USER_INPUT, also for a name that another deployment of the domain has; LIMIT where the domain has
 * as many deployments as it may have (A8)
 */
export async function createDeployment(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CreateDeploymentInput>,
): Promise<DeploymentChangeResult> {
  const { settings } = core;
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const { name, pluginId, dryRun: isRehearsed } = parse(createSchema(settings.limits), input);
  const spec = newSpec(input, settings);
  return run(internalsOf(core), isRehearsed === true, { domainId, pluginId }, async (internals, sql) => {
    await attributeChanges(sql, viewer.subject, 'CREATE_REQUESTED');
    const quota = settings.quotas.deployments;
    const made = await insertDeployment(sql, {
      ...spec,
      id: newDeploymentId(),
      domainId,
      name,
      pluginId,
      actor: viewer.subject,
      quota,
      clockOffsetMs: internals.clockOffsetMs(),
    });
    if (made === 'OVER_QUOTA') {
      const problem = `expected at most ${quota} deployments in domain ${domainId}`;
      throw new DomainError('LIMIT', problem, { quota: 'deployments', limit: quota });
    }
    if (!made)
      throw badUserInput(['name'], `expected a name that no deployment of the domain has; got ${describe(name)}`);
    const result = await fulfil(internals, sql, made, isRehearsed === true);
    return isRehearsed ? { ...result, deployment: null } : result;
  });
}

/** A change of a deployment. */
export type UpdateDeploymentInput = DomainInput & SpecInput & z.input<typeof updateSchema>;

const updateSchema = z.object({ ...dryRun, deploymentId: z.string('expected a text') });

/**
 * C2, C3: changes what a deployment asks for. A change of version ends the rollout to the version before: it goes back if
 * that is asked for, and otherwise stays where it is. A version that is given again is tried again after a rollout that
 * was halted.
 *
 * @throws DomainError BAD_USER_INPUT; NOT_FOUND for an unknown deployment (A3)
 */
export async function updateDeployment(
  core: Core,
  viewer: Viewer,
  input: Unchecked<UpdateDeploymentInput>,
): Promise<DeploymentChangeResult> {
  const { deploymentId, dryRun: isRehearsed } = parse(updateSchema, input);
  const known = await requireDeployment(internalsOf(core), scopeFor(viewer, 'operate', input.domainId), deploymentId);
  return run(internalsOf(core), isRehearsed === true, known, async (internals, sql) => {
    const present = await presentOf(sql, known);
    const spec = changedSpec(specOf(present.deployment), input, core.settings);
    await attributeChanges(sql, viewer.subject, 'UPDATE_REQUESTED');
    const isOther = spec.version !== present.deployment.version;
    if (isOther) await leaveRollout(internals, sql, present, spec.version);
    const asksAnew = isOther || (input.version != null && present.rollout?.isOver === true);
    if (asksAnew || !isDeepStrictEqual(spec, specOf(present.deployment))) {
      const clockOffsetMs = internals.clockOffsetMs();
      await changeDeployment(sql, { ...spec, id: known.id, asksAnew, clockOffsetMs });
    }
    return fulfil(internals, sql, known, isRehearsed === true);
  });
}

/** The deployment to delete. */
export type DeleteDeploymentInput = DomainInput & z.input<typeof deleteSchema>;

const deleteSchema = updateSchema.extend({
  /** C4: whether its plugins stay, as one-off installs. Default false. */
  orphan: z.boolean('expected true or false').nullish(),
});

/**
 * C4: deletes a deployment, and withdraws its plugins, or leaves them.
 *
 * @throws DomainError BAD_USER_INPUT; NOT_FOUND for an unknown deployment (A3)
 */
export async function deleteDeployment(
  core: Core,
  viewer: Viewer,
  input: Unchecked<DeleteDeploymentInput>,
): Promise<DeploymentChangeResult> {
  const { deploymentId, orphan, dryRun: isRehearsed } = parse(deleteSchema, input);
  const known = await requireDeployment(internalsOf(core), scopeFor(viewer, 'operate', input.domainId), deploymentId);
  return run(internalsOf(core), isRehearsed === true, known, async (internals, sql) => {
    const present = await presentOf(sql, known);
    await attributeChanges(sql, viewer.subject, 'DELETE_REQUESTED');
    await leaveRollout(internals, sql, present, null);
    const { decisions } = await foresee(internals, sql, present.deployment);
    const isOwn = (plugin: SeenPlugin) => plugin.deploymentId === known.id && plugin.wanted;
    const has = decisions.filter(({ supervisor }) => supervisor.plugins.some(isOwn));
    await deleteDeploymentRow(sql, known.id, { orphan: orphan ?? false, actor: viewer.subject });
    if (!isRehearsed) await playDeployments(internals, sql, known);
    const action = orphan ? ('KEEP' as const) : ('WITHDRAW' as const);
    const placements = placementsOf(has.map((decision) => ({ ...decision, action, rule: null })));
    return { deployment: isRehearsed ? present.deployment : null, placements };
  });
}

/** Runs a command on the deployments of a plugin; a dry run is undone (B2). */
function run(
  core: CoreInternals,
  isRehearsed: boolean,
  { domainId, pluginId }: { readonly domainId: string; readonly pluginId: string },
  command: (core: CoreInternals, sql: Sql) => Promise<DeploymentChangeResult>,
): Promise<DeploymentChangeResult> {
  const operation = (internals: CoreInternals) =>
    inPlacement(internals, { domainId, pluginId }, (sql) => command(internals, sql));
  return isRehearsed ? rehearse(core, operation) : operation(core);
}

/** Says what a deployment means, and begins with it; a dry run ends before that. */
async function fulfil(
  core: CoreInternals,
  sql: Sql,
  deployment: Deployment,
  isRehearsed: boolean,
): Promise<DeploymentChangeResult> {
  const placements = placementsOf((await foresee(core, sql, deployment)).decisions);
  if (!isRehearsed) await playDeployments(core, sql, deployment);
  return { deployment: (await presentOf(sql, deployment)).deployment, placements };
}

async function presentOf(sql: Sql, { id, domainId, pluginId }: Deployment): Promise<DeploymentWithRollout> {
  const found = await readDeployment(sql, { id, domainId, pluginId });
  if (!found) throw new DomainError('NOT_FOUND', `no deployment ${describe(id)}`);
  return found;
}

/** C3: ends the rollout that is under way: it goes back to the version that is wanted, or stays where it is. */
async function leaveRollout(
  core: CoreInternals,
  sql: Sql,
  { rollout }: DeploymentWithRollout,
  version: string | null,
): Promise<void> {
  if (rollout === null || rollout.isOver || rollout.toVersion === version) return;
  await commandLocked(core, sql, rollout.id, rollout.fromVersion === version ? 'rollBack' : 'cancel');
}
