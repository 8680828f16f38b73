import { beforeEach, describe, expect, test } from 'vitest';
import { useRolloutTest } from '../../../testing/rollouts.ts';
import { refusalOf } from '../../../testing/testCore.ts';
import { publishRelease, retireRelease } from '../../index.ts';

const r = useRolloutTest();
const { fleet, upgrade, play, wanted, progress, command, failing } = r;

beforeEach(() => r.begin());

const publish = (version: string) =>
  publishRelease(r.t.core, r.domain.operator, { pluginId: r.pluginId, version, spec: {} });
const retire = ({ id }: { id: string }) => retireRelease(r.t.core, r.domain.operator, { releaseId: id });

describe('C1: an upgrade', () => {
  test('to a retired release is refused; one that is under way, or was the last, is returned', async () => {
    await fleet('a');
    const release = await publish('2.0');
    const other = await publish('3.0');
    await retire(other);
    expect(await refusalOf(upgrade({ to: '3.0' }))).toMatchObject({
      code: 'PLUGIN_STATE',
      details: { releaseId: other.id },
    });
    const rollout = await upgrade();
    await retire(release);
    expect((await upgrade()).id).toBe(rollout.id);
    await play('a');
    expect(await upgrade()).toMatchObject({ id: rollout.id, state: 'COMPLETED' });
  });

  test('whose release is retired meanwhile ends its steps that are under way, and begins no other', async () => {
    await fleet('a', 'b', 'c');
    const release = await publish('2.0');
    const rollout = await upgrade();
    await retire(release);
    await r.advance();
    expect(await progress(rollout)).toEqual(['PAUSED', 'INSTALLING', 'WAITING', 'WAITING']);
    expect(await r.read(rollout)).toMatchObject({
      message: `the release of the new version, ${release.id}, is retired`,
    });
    await play('a');
    expect(await progress(rollout)).toEqual(['PAUSED', 'DONE', 'WAITING', 'WAITING']);
    expect(await command(rollout, 'resume')).toMatchObject({ state: 'PAUSED' });
    expect(await progress(rollout)).toEqual(['PAUSED', 'DONE', 'WAITING', 'WAITING']);
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
    await command(rollout, 'rollBack');
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'SKIPPED', 'SKIPPED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
  });

  test('whose last steps are under way is not halted, and one that is promoted is', async () => {
    await fleet('a', 'b');
    const release = await publish('2.0');
    const canary = await upgrade({ canary: { count: 1 } });
    await play('a');
    await retire(release);
    await r.advance();
    expect(await progress(canary)).toEqual(['AWAITING_PROMOTION', 'DONE', 'WAITING']);
    expect(await command(canary, 'promote')).toMatchObject({ state: 'PAUSED' });
    expect(await command(canary, 'cancel')).toMatchObject({ state: 'CANCELED' });
    r.begin();
    await fleet('a');
    const last = await publish('2.0');
    const rollout = await upgrade();
    await retire(last);
    await play('a');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE']);
  });

  test('goes back to an old version that is retired, since that ran', async () => {
    const old = await publish('1.0');
    await fleet('a', 'b');
    const rollout = await upgrade();
    await play('a');
    await retire(old);
    await play('b', failing);
    r.t.advance(601_000);
    await play('b', failing);
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTED']);
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'REVERTED']);
  });
});
