import { expect, test } from 'vitest';
import { deploymentLook } from './deploymentStates.ts';

const status = { desired: 3, active: 3, updating: 0, failed: 0, conditions: [] };
const conditions = [{ type: 'NO_CANDIDATE', message: 'it lacks one', since: '2026-11-26T12:00:00.000Z' }] as const;

test.each([
  ['all that it wants, in its version', { status }, 'Whole'],
  ['fewer than it wants', { status: { ...status, active: 2 } }, 'Under way'],
  ['some in another version', { status: { ...status, updating: 1 } }, 'Under way'],
  ['a reason why it is not whole', { status: { ...status, active: 2, conditions } }, 'Not whole'],
  ['a pause, whatever else', { isPaused: true, status: { ...status, active: 2, conditions } }, 'Paused'],
])('C2: a deployment with %s is shown so', (_name, part, word) => {
  expect(deploymentLook({ isPaused: false, ...part }).word).toBe(word);
});
