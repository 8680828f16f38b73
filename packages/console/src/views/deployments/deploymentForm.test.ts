import { describe, expect, test } from 'vitest';
import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { changeOf, deploymentProblem, emptyDeployment, formOf, wishOf } from './deploymentForm.ts';

const row: DeploymentRowFragment = {
  __typename: 'Deployment',
  id: 'deployment-0123456789ab',
  domainId: 'acme',
  name: 'collectors',
  pluginId: 'collector',
  version: '1.4.0',
  labels: { env: 'prod' },
  filter: { connected: { eq: true } },
  allowPublic: false,
  mode: 'COUNT',
  count: 3,
  spreadBy: 'zone',
  maxUnavailable: 2,
  replaceAfterSeconds: 600,
  isPaused: true,
  actor: 'key-1',
  createdAt: '2026-11-26T12:00:00.000Z',
  rolloutSettings: {
    canary: { count: 1, autoPromoteSeconds: null },
    maxFailures: 0,
    onFailure: 'PAUSE',
    minHealthySeconds: 10,
    healthyDeadlineSeconds: 600,
    deadlineSeconds: 86_400,
  },
  status: { desired: 3, active: 3, updating: 0, failed: 0, conditions: [] },
  rollout: null,
};

describe('the form of a deployment', () => {
  test('C2: asks for what the deployment asks for', () => {
    expect(wishOf(formOf(row))).toEqual({
      version: '1.4.0',
      mode: 'COUNT',
      count: 3,
      spreadBy: 'zone',
      replaceAfterSeconds: 600,
      labels: { env: 'prod' },
      filter: { connected: { eq: true } },
      maxUnavailable: 2,
      rolloutSettings: {
        canary: { count: 1 },
        maxFailures: 0,
        onFailure: 'PAUSE',
        minHealthySeconds: 10,
        healthyDeadlineSeconds: 600,
        deadlineSeconds: 86_400,
      },
      isPaused: true,
    });
  });

  test('C3: an unchanged form changes nothing, so that no rollout begins', () => {
    expect(changeOf(wishOf(formOf(row)), wishOf(formOf(row)))).toEqual({});
  });

  test('C3: a change names what is changed alone', () => {
    const after = wishOf({ ...formOf(row), version: '1.5.0' });
    expect(changeOf(wishOf(formOf(row)), after)).toEqual({ version: '1.5.0' });
  });

  test('C2: what no longer holds is taken out, as the fields of COUNT with the mode ALL', () => {
    const after = wishOf({ ...formOf(row), mode: 'ALL', labels: '', isPaused: false });
    expect(changeOf(wishOf(formOf(row)), after)).toEqual({
      mode: 'ALL',
      count: null,
      spreadBy: null,
      replaceAfterSeconds: null,
      labels: null,
      isPaused: false,
    });
  });

  test('leaves out what is left empty, so that the server’s defaults hold', () => {
    expect(wishOf({ ...emptyDeployment, version: '1' })).toEqual({ version: '1', mode: 'ALL' });
  });

  test.each([
    [{}, 'expected a version'],
    [{ version: '1', mode: 'COUNT' as const, count: '' }, 'expected a number of supervisors'],
    [{ version: '1', labels: 'env' }, 'expected key=value in each line; got env'],
    [{ version: '1', filter: '[]' }, 'expected a SupervisorFilter as JSON, such as {"connected": {"eq": true}}'],
    [{ version: '1' }, null],
  ])('%j: %s', (part, problem) => {
    expect(deploymentProblem({ ...emptyDeployment, ...part })).toBe(problem);
  });
});
