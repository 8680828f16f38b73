import { expect, test } from 'vitest';
import { matchingSupervisor, seenPlugin } from '../../../testing/situations.ts';
import type { Claims } from './decision.ts';
import { planDeployment } from './deploymentPlan.ts';
import type { DeploymentSituation, SeenPlugin } from './deploymentSituation.ts';

const deployment: DeploymentSituation = {
  id: 'deployment-1',
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

/** The plan for a supervisor that has the deployment's plugin in an old version, and others. */
const planWith = (others: readonly Partial<SeenPlugin>[], claimed: Claims = new Map()) =>
  planDeployment(
    deployment,
    [
      matchingSupervisor('supervisor-1', [
        seenPlugin(),
        ...others.map((parts) => seenPlugin({ id: 'instance-2', version: '2.0', ...parts })),
      ]),
    ],
    claimed,
  );

test('C3: another version than the deployment’s is replaced by a rollout', () => {
  expect(planWith([])).toMatchObject({ rolloutFrom: '1.0', decisions: [{ action: 'UPGRADE' }] });
});

test.each([
  ['is coming up', 'PROVISIONING', { action: 'KEEP', rule: 'CONFLICT' }],
  ['is served', 'ACTIVE', { action: 'WITHDRAW', rule: 'CONFLICT' }],
] as const)('C4: where an older deployment %s, a newer one upgrades nothing', (_, state, decision) => {
  const older = { id: 'deployment-0', name: 'older' };
  const plan = planWith([{ state, deploymentId: older.id }], new Map([['supervisor-1', older]]));
  expect(plan).toMatchObject({ rolloutFrom: null, decisions: [decision] });
});

test('R4: no rollout begins where the new version is wanted already, since it would have nothing to do', () => {
  expect(planWith([{ deploymentId: null, isRelocating: true }]).rolloutFrom).toBeNull();
});

test('C3: what nobody has installed is in no rollout’s way', () => {
  expect(planWith([{ deploymentId: null, managed: false }]).rolloutFrom).toBe('1.0');
});
