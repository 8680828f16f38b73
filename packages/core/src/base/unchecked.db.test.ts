import { expect, test } from 'vitest';
import { newDomain, refusalOf, useTestCore } from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { fetchAssignments, listAssignments } from '../assignment/assignments.ts';
import { blockHostname, unblockHostname } from '../block/blockedHostnames.ts';
import { installPlugins, uninstallPlugins } from '../bulk/bulkPlugins.ts';
import { disableSupervisors } from '../bulk/bulkSupervisors.ts';
import type { Core } from '../core.ts';
import { createDeployment, deleteDeployment, updateDeployment } from '../placement/deployment/commandDeployment.ts';
import { getDeployment, listDeployments } from '../placement/deployment/deployments.ts';
import { explainDeployment } from '../placement/deployment/explainDeployment.ts';
import { watchDeployment } from '../placement/deployment/watchDeployment.ts';
import { cordonSupervisor, drainSupervisor } from '../placement/drain/cordon.ts';
import { acquirePluginEndpoint } from '../placement/endpoint/acquire.ts';
import { notifyFailure } from '../placement/endpoint/notifyFailure.ts';
import { explainPlacement } from '../placement/explain.ts';
import { installPlugin } from '../placement/install.ts';
import { commandRollout } from '../placement/rollout/commandRollout.ts';
import { getRollout, listRollouts } from '../placement/rollout/rollouts.ts';
import { upgradePlugin } from '../placement/rollout/upgrade.ts';
import { watchRollout } from '../placement/rollout/watchRollout.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import { getPlugin, listPlugins, pluginStats } from '../plugin/read.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { publishRelease } from '../release/publishRelease.ts';
import { getRelease, listReleases } from '../release/releases.ts';
import { retireRelease } from '../release/retireRelease.ts';
import { publishSupervisor } from '../report/publish.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { enableSupervisor } from '../supervisor/enable.ts';
import { preregisterSupervisor } from '../supervisor/preregister.ts';
import { getSupervisor, listSupervisors, supervisorStats } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { resetSupervisorSecret } from '../supervisor/resetSecret.ts';
import { updateSupervisor } from '../supervisor/update.ts';

const t = useTestCore();

const target = { supervisorId: 'supervisor-0123456789ab' };
const plugin = { pluginId: 'collector', version: '1.0' };
const agent = { name: 'a', hostname: 'a' };

/** An operation with the value 7.5 in one field, where a text, a list, an object, an integer or a boolean is expected. */
const cases: Record<string, [path: string, operation: (core: Core, viewer: Viewer) => Promise<unknown>]> = {
  publishSupervisor: ['labels', (core, viewer) => publishSupervisor(core, viewer, { ...agent, labels: 7.5 })],
  fetchAssignments: ['hostname', (core, viewer) => fetchAssignments(core, viewer, { hostname: 7.5 })],
  listAssignments: ['hostname', (core, viewer) => listAssignments(core, viewer, { hostname: 7.5 })],
  registerSupervisor: ['tags', (core, viewer) => registerSupervisor(core, viewer, { ...target, tags: 7.5 })],
  preregisterSupervisor: [
    'labels',
    (core, viewer) => preregisterSupervisor(core, viewer, { hostname: 'a', labels: 7.5 }),
  ],
  updateSupervisor: ['priority', (core, viewer) => updateSupervisor(core, viewer, { ...target, priority: 7.5 })],
  enableSupervisor: ['supervisorId', (core, viewer) => enableSupervisor(core, viewer, { supervisorId: 7.5 })],
  deregisterSupervisor: ['force', (core, viewer) => deregisterSupervisor(core, viewer, { ...target, force: 7.5 })],
  blockHostname: ['note', (core, viewer) => blockHostname(core, viewer, { hostname: 'a', note: 7.5 })],
  unblockHostname: ['hostname', (core, viewer) => unblockHostname(core, viewer, { hostname: 7.5 })],
  resetSupervisorSecret: ['supervisorId', (core, viewer) => resetSupervisorSecret(core, viewer, { supervisorId: 7.5 })],
  getSupervisor: ['supervisorId', (core, viewer) => getSupervisor(core, viewer, 7.5)],
  listSupervisors: ['includePublic', (core, viewer) => listSupervisors(core, viewer, { includePublic: 7.5 })],
  supervisorStats: ['groupBy', (core, viewer) => supervisorStats(core, viewer, { groupBy: 7.5 })],
  getPlugin: ['id', (core, viewer) => getPlugin(core, viewer, 7.5)],
  listPlugins: ['keyword', (core, viewer) => listPlugins(core, viewer, { keyword: 7.5 })],
  pluginStats: ['groupBy', (core, viewer) => pluginStats(core, viewer, { groupBy: 7.5 })],
  recoverPlugin: ['version', (core, viewer) => recoverPlugin(core, viewer, { ...target, ...plugin, version: 7.5 })],
  notifyFailure: ['pluginId', (core, viewer) => notifyFailure(core, viewer, { ...target, ...plugin, pluginId: 7.5 })],
  installPlugin: ['supervisorId', (core, viewer) => installPlugin(core, viewer, { ...plugin, supervisorId: 7.5 })],
  uninstallPlugin: ['version', (core, viewer) => uninstallPlugin(core, viewer, { ...plugin, version: 7.5 })],
  explainPlacement: ['labels', (core, viewer) => explainPlacement(core, viewer, { ...plugin, labels: 7.5 })],
  acquirePluginEndpoint: ['labels', (core, viewer) => acquirePluginEndpoint(core, viewer, { ...plugin, labels: 7.5 })],
  cordonSupervisor: ['supervisorId', (core, viewer) => cordonSupervisor(core, viewer, { supervisorId: 7.5 })],
  drainSupervisor: [
    'deadlineSeconds',
    (core, viewer) => drainSupervisor(core, viewer, { ...target, deadlineSeconds: 7.5 }),
  ],
  upgradePlugin: ['to', (core, viewer) => upgradePlugin(core, viewer, { pluginId: 'a', from: '1', to: 7.5 })],
  commandRollout: ['rolloutId', (core, viewer) => commandRollout(core, viewer, { rolloutId: 7.5 }, 'pause')],
  getRollout: ['id', (core, viewer) => getRollout(core, viewer, 7.5)],
  listRollouts: ['first', (core, viewer) => listRollouts(core, viewer, { first: 7.5 })],
  watchRollout: ['id', (core, viewer) => watchRollout(core, viewer, { id: 7.5 })],
  publishRelease: ['spec', (core, viewer) => publishRelease(core, viewer, { pluginId: 'a', version: '1', spec: 7.5 })],
  retireRelease: ['releaseId', (core, viewer) => retireRelease(core, viewer, { releaseId: 7.5 })],
  getRelease: ['id', (core, viewer) => getRelease(core, viewer, 7.5)],
  listReleases: ['first', (core, viewer) => listReleases(core, viewer, { first: 7.5 })],
  createDeployment: [
    'maxUnavailable',
    (core, viewer) =>
      createDeployment(core, viewer, { pluginId: 'a', name: 'a', version: '1', mode: 'ALL', maxUnavailable: 7.5 }),
  ],
  getDeployment: ['id', (core, viewer) => getDeployment(core, viewer, { id: 7.5 })],
  listDeployments: ['first', (core, viewer) => listDeployments(core, viewer, { first: 7.5 })],
  updateDeployment: ['dryRun', (core, viewer) => updateDeployment(core, viewer, { deploymentId: 'a', dryRun: 7.5 })],
  deleteDeployment: ['orphan', (core, viewer) => deleteDeployment(core, viewer, { deploymentId: 'a', orphan: 7.5 })],
  explainDeployment: ['deploymentId', (core, viewer) => explainDeployment(core, viewer, { deploymentId: 7.5 })],
  watchDeployment: ['id', (core, viewer) => watchDeployment(core, viewer, { id: 7.5 })],
  disableSupervisors: ['all', (core, viewer) => disableSupervisors(core, viewer, { all: 7.5 })],
  installPlugins: ['dryRun', (core, viewer) => installPlugins(core, viewer, { ...plugin, all: true, dryRun: 7.5 })],
  uninstallPlugins: ['after', (core, viewer) => uninstallPlugins(core, viewer, { all: true, after: 7.5 })],
};

test.each(Object.entries(cases))('%s refuses a field of a wrong type, by the path', async (_, [path, operation]) => {
  const { domainId, admin } = newDomain();
  expect(await refusalOf(async () => operation(t.core, { ...admin, domainId }))).toMatchObject({
    code: 'BAD_USER_INPUT',
    at: [path],
    message: expect.stringMatching(/; got 7\.5$/),
  });
});
