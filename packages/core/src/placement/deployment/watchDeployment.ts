import type { Deployment } from '@muster/db';
import type { Viewer } from '../../access/viewer.ts';
import { type Core, internalsOf } from '../../core.ts';
import type { Change, DeploymentLogChange } from '../../event/change.ts';
import type { Feed } from '../../event/feed.ts';
import { type StateChange, type WatchStateInput, watchState } from '../watchState.ts';
import { requireDeployment } from './deployments.ts';

/** A change of a deployment or of its status, or the deployment at the start of a subscription. */
export type DeploymentChanged = StateChange<Deployment, DeploymentLogChange>;

/**
 * M7: a deployment as it is now, and then each change of it and of its status.
 *
 * @throws DomainError NOT_FOUND for a deployment that the viewer does not have (A3), which ends the stream once it is
 * deleted; BAD_USER_INPUT, CURSOR_EXPIRED
 */
export function watchDeployment(core: Core, viewer: Viewer, input: WatchStateInput): Promise<Feed<DeploymentChanged>> {
  const internals = internalsOf(core);
  return watchState(core, viewer, input, {
    isOwn: (change: Change, id): change is DeploymentLogChange =>
      change.entity === 'deployment' && change.deploymentId === id,
    require: (scope, id) => requireDeployment(internals, scope, id),
  });
}
