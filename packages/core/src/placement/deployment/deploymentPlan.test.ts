import { expect, test } from 'vitest';
import type { Claims } from './decision.ts';
import { planDeployment } from './deploymentPlan.ts';
import type { DeploymentSituation, SeenPlugin, SupervisorSituation } from './deploymentSituation.ts';

const deployment: DeploymentSituation = {
  id: 'deployment-2',
  domainId: 'acme',
  name: 'newer',
  pluginId: 'collector',
  version: '2.0',
  mode: 'ALL',
  count: null,
  maxUnavailable: 10,
  isPaused: false,
  rollout: null,
  otherRolloutId: null,
  retiredVersions: [],
};

const own: SeenPlugin = {
  id: 'instance-1',
  version: '1.0',
  state: 'ACTIVE',
  managed: true,
  wanted: true,
  pinned: false,
  unreported: false,
  deploymentId: deployment.id,
  isRelocating: false,
};

const supervisorWith = (...plugins: SeenPlugin[]): SupervisorSituation => ({
  id: 'supervisor-1',
  name: 'edge-1',
  domainId: 'acme',
  state: 'ENABLED',
  isInReach: true,
  cordoned: false,
  lackingLabels: null,
  meetsFilter: true,
  isDraining: false,
  isAway: false,
  isInStep: false,
  hasFailed: false,
  priority: 0,
  pluginCount: 0,
  spreadValue: null,
  plugins,
});

test('C3: another version than the deployment’s is replaced by a rollout', () => {
  const plan = planDeployment(deployment, [supervisorWith(own)], new Map());
  expect(plan).toMatchObject({ rolloutFrom: '1.0', decisions: [{ action: 'UPGRADE' }] });
});

test.each([
  ['is coming up', 'PROVISIONING', { action: 'KEEP', rule: 'CONFLICT' }],
  ['is served', 'ACTIVE', { action: 'WITHDRAW', rule: 'CONFLICT' }],
] as const)('C4: where an older deployment %s, a newer one upgrades nothing', (_, state, decision) => {
  const older = { id: 'deployment-1', name: 'older' };
  const ofOlder: SeenPlugin = { ...own, id: 'instance-2', version: '2.0', state, deploymentId: older.id };
  const claimed: Claims = new Map([['supervisor-1', older]]);
  const plan = planDeployment(deployment, [supervisorWith(own, ofOlder)], claimed);
  expect(plan).toMatchObject({ rolloutFrom: null, decisions: [decision] });
});

test('R4: no rollout begins where the new version is wanted already, since it would have nothing to do', () => {
  const moved: SeenPlugin = { ...own, id: 'instance-2', version: '2.0', deploymentId: null, isRelocating: true };
  const plan = planDeployment(deployment, [supervisorWith(own, moved)], new Map());
  expect(plan.rolloutFrom).toBeNull();
});
