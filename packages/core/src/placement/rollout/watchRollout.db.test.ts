import { beforeEach, expect, test } from 'vitest';
import { useRolloutTest } from '../../../testing/rollouts.ts';
import { refusalOf } from '../../../testing/testCore.ts';
import { openStream } from '../../event/stream.ts';
import { cursorOf, type RolloutChange, watchRollout } from '../../index.ts';

const r = useRolloutTest();

beforeEach(() => r.begin());

const told = ({ change, state }: RolloutChange) =>
  [
    change === null ? state.state : `${change.supervisorId === null ? 'rollout' : 'step'} ${change.from}>${change.to}`,
  ].join();

test('R7: whoever watches a rollout sees it as it is, and then each change of it and of its steps', async () => {
  await r.fleet('a', 'b');
  const rollout = await r.upgrade();
  const { core } = r.t;
  const stream = await openStream(core, await watchRollout(core, r.domain.viewer, { id: rollout.id }));
  const next = async (): Promise<RolloutChange> => (await stream.next()).value;
  expect(told(await next())).toBe('RUNNING');
  await r.play('a');
  const [first, ...others] = [await next(), await next(), await next()];
  // The health of the new version begins with its state.
  expect([first, ...others].map((each) => told(each as RolloutChange))).toEqual([
    'step null>null',
    'step INSTALLING>DONE',
    'step WAITING>INSTALLING',
  ]);
  await stream.return?.();

  const after = cursorOf(core, (first as RolloutChange).seq);
  const resumed = await openStream(core, await watchRollout(core, r.domain.viewer, { id: rollout.id, after }));
  expect(told((await resumed.next()).value)).toBe('step INSTALLING>DONE');
  await resumed.return?.();
});

test('A3: a rollout of another domain can not be watched', async () => {
  await r.fleet('a');
  const { id } = await r.upgrade();
  expect(await refusalOf(watchRollout(r.t.core, r.stranger, { id }))).toMatchObject({ code: 'NOT_FOUND' });
});
