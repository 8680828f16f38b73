import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import type { UncheckedExcept } from '../../base/unchecked.ts';
import { parse } from '../../base/validate.ts';
import { type Core, internalsOf } from '../../core.ts';
import type { PageArguments } from '../../query/keyset.ts';
import type { Page } from '../../query/page.ts';
import { type SortKey, sortedPage } from '../../query/sortedPage.ts';
import type { DeploymentAction } from './decision.ts';
import { type DeploymentPlacement, placementOf } from './deploymentPlacement.ts';
import { foresee } from './deploymentRound.ts';
import { requireDeployment } from './deployments.ts';

/** The deployment to explain. */
export type ExplainDeploymentInput = DomainInput & z.input<typeof schema> & PageArguments;

const schema = z.object({ deploymentId: z.string('expected a text') });

/**
 * A page of what a deployment means for each supervisor that its domain may know of (A6): what changes first, and last
 * those that get nothing, each with the rule. Nothing is changed.
 *
 * @throws DomainError NOT_FOUND for a deployment that the viewer does not have (A3); BAD_USER_INPUT
 */
export async function explainDeployment(
  core: Core,
  viewer: Viewer,
  input: UncheckedExcept<ExplainDeploymentInput, keyof PageArguments>,
): Promise<Page<DeploymentPlacement>> {
  const internals = internalsOf(core);
  const { deploymentId } = parse(schema, input);
  const deployment = await requireDeployment(internals, scopeFor(viewer, 'read', input.domainId), deploymentId);
  const { decisions } = await foresee(internals, internals.db.sql, deployment, { includesOthers: true });
  return sortedPage(decisions.map(placementOf), placeOf, input, core.settings.limits);
}

const order: Readonly<Record<DeploymentAction, number>> = { INSTALL: 0, ADOPT: 1, UPGRADE: 2, WITHDRAW: 3, KEEP: 4 };

const placeOf = ({ action, supervisorId }: DeploymentPlacement): SortKey => [
  action === null ? 5 : order[action],
  supervisorId,
];
