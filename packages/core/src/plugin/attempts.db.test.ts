import type { Plugin } from '@muster/db';
import { describe, expect, test } from 'vitest';
import { nearInTest } from '../../testing/near.ts';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  pastDeadlineMs,
  pluginIn,
  publish,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { installPlugin, type PluginReport } from '../index.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { sweep } from '../sweep/sweep.ts';
import { recoverPlugin } from './recover.ts';

const expectNear = nearInTest();

// Leases outlast the pauses between attempts, so that agents need not be played.
const t = useTestCore({ settings: { leaseSeconds: 100_000_000 } });

const hostname = 'host-1';

const pluginOf = ({ id }: Pick<Plugin, 'id'>) => t.db.prisma.plugin.findUniqueOrThrow({ where: { id } });
const now = () => Date.now() + t.core.clockOffsetMs();

async function expectNextAttempt(plugin: Pick<Plugin, 'id'>, seconds: number): Promise<void> {
  expectNear(Number((await pluginOf(plugin)).nextAttemptAt), now() + 1_000 * seconds);
}

/** A managed plugin that is being provisioned, on an ENABLED supervisor. */
async function managedPlugin(values: Partial<Plugin> = {}) {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  const plugin = await insertManagedPlugin(t, supervisor, {
    state: 'PROVISIONING',
    deadlineAt: new Date(now() + 600_000),
    ...values,
  });
  return { domain, supervisor, plugin };
}

async function recovered() {
  const domain = newDomain();
  const { supervisor, plugin } = await pluginIn(t, domain, 'RE_PROVISIONING', hostname);
  return { domain, supervisor, plugin };
}

async function passDeadline(): Promise<void> {
  t.advance(pastDeadlineMs);
  await sweep(t.core);
}

/** Just past the pause before the next attempt. */
async function passPause(plugin: Pick<Plugin, 'id'>): Promise<void> {
  const { nextAttemptAt } = await pluginOf(plugin);
  if (nextAttemptAt === null) throw new Error('expected a next attempt');
  t.advance(Math.max(0, Number(nextAttemptAt) - now()) + 1);
  await sweep(t.core);
}

const recover = (domain: TestDomain, { supervisorId, pluginId, version }: Plugin) =>
  recoverPlugin(t.core, domain.operator, { supervisorId, pluginId, version });

describe('P5: a deadline that passes', () => {
  const failed = { state: 'ERROR', reason: 'DEADLINE_EXCEEDED', deadlineAt: null, attempt: 1 };

  test('sets the next attempt of a managed plugin for 30 s later', async () => {
    const { plugin } = await managedPlugin();
    await passDeadline();
    expect(await pluginOf(plugin)).toMatchObject({ ...failed, generation: 1 });
    await expectNextAttempt(plugin, 30);
  });

  test('sets the next attempt of a plugin that was recovered for 30 s later', async () => {
    const { plugin } = await recovered();
    await passDeadline();
    expect(await pluginOf(plugin)).toMatchObject({ ...failed, generation: 2 });
    await expectNextAttempt(plugin, 30);
  });

  test('sets it too where the agent said that it is at work on the recover', async () => {
    const { domain, plugin } = await recovered();
    await reportPlugin(t, domain, hostname, { state: 'PROVISIONING', observedGeneration: 2 });
    expect(await pluginOf(plugin)).toMatchObject({ state: 'RE_PROVISIONING', observedGeneration: 2 });
    await passDeadline();
    expect(await pluginOf(plugin)).toMatchObject(failed);
    await expectNextAttempt(plugin, 30);
  });

  test('sets none for what an agent provisions by itself, nor for what is unwanted', async () => {
    const { plugin: own } = await pluginIn(t, newDomain(), 'PROVISIONING', hostname);
    const { plugin: unwanted } = await managedPlugin({ wanted: false });
    await passDeadline();
    for (const plugin of [own, unwanted]) {
      expect(await pluginOf(plugin)).toMatchObject({ ...failed, nextAttemptAt: null });
    }
  });
});

describe('P5: a failure that an agent reports', () => {
  const report = (domain: TestDomain, more: Partial<PluginReport> = {}) =>
    reportPlugin(t, domain, hostname, { state: 'ERROR', message: 'no image', ...more });
  const failed = { state: 'ERROR', reason: 'REPORTED', message: 'no image', deadlineAt: null };

  test.each(['PROVISIONING', 'ACTIVE'] as const)(
    'of one that was %s sets the next attempt for 30 s later',
    async (state) => {
      const deadlineAt = state === 'ACTIVE' ? null : new Date(now() + 600_000);
      const { domain, plugin } = await managedPlugin({ state, deadlineAt });
      await report(domain, { observedGeneration: 1 });
      expect(await pluginOf(plugin)).toMatchObject({ ...failed, attempt: 1, generation: 1 });
      await expectNextAttempt(plugin, 30);
    },
  );

  test('again and again changes nothing more: the attempt comes when it is due (L2)', async () => {
    const { domain, plugin } = await managedPlugin();
    await report(domain);
    const first = await pluginOf(plugin);
    t.advance(20_000);
    await report(domain);
    expect(await pluginOf(plugin)).toEqual(first);
    t.advance(10_001);
    expect((await sweep(t.core)).retried).toContain(plugin.id);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'RE_PROVISIONING', reason: 'RETRIED', attempt: 2 });
  });

  test('comes after pauses that double, with those of deadlines, until the budget is spent', async () => {
    const { domain, plugin } = await managedPlugin();
    for (const [i, seconds] of [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600].entries()) {
      if (i % 3 === 2) await passDeadline();
      else await report(domain, { observedGeneration: i + 1 });
      await expectNextAttempt(plugin, seconds);
      await passPause(plugin);
    }
    await report(domain, { observedGeneration: 10 });
    const left = await pluginOf(plugin);
    expect(left).toMatchObject({ ...failed, attempt: 10, generation: 10, nextAttemptAt: null });
    await report(domain, { observedGeneration: 10 });
    t.advance(100_000_000);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toEqual(left);
    expect(await recover(domain, plugin)).toMatchObject({ attempt: 1, generation: 11 });
  });

  test('of a recover sets one, also where its agent runs the plugin unasked', async () => {
    const { domain, plugin } = await recovered();
    await report(domain, { observedGeneration: 2 });
    expect(await pluginOf(plugin)).toMatchObject({ ...failed, attempt: 1, generation: 2 });
    await expectNextAttempt(plugin, 30);
  });

  test('sets none for what an agent runs by itself, nor for what is unwanted', async () => {
    const own = newDomain();
    const { plugin: unasked } = await pluginIn(t, own, 'ACTIVE', hostname);
    await report(own);
    const { domain, plugin: unwanted } = await managedPlugin({ wanted: false });
    await report(domain);
    for (const plugin of [unasked, unwanted]) {
      expect(await pluginOf(plugin)).toMatchObject({ ...failed, nextAttemptAt: null });
    }
  });

  test('sets one once an install takes over what its agent ran unasked', async () => {
    const domain = newDomain();
    const { plugin } = await pluginIn(t, domain, 'ERROR', hostname);
    await installPlugin(t.core, domain.operator, { pluginId: plugin.pluginId, version: plugin.version });
    expect(await pluginOf(plugin)).toMatchObject({ state: 'ERROR', managed: true, nextAttemptAt: null });
    await reportPlugin(t, domain, hostname, { state: 'ERROR' });
    await expectNextAttempt(plugin, 30);
  });

  test('P3: about an earlier generation sets none, and moves none', async () => {
    const { domain, plugin } = await recovered();
    const before = await pluginOf(plugin);
    for (const observedGeneration of [1, null]) await report(domain, { observedGeneration });
    expect(await pluginOf(plugin)).toEqual(before);
  });
});

describe('P5: an attempt', () => {
  test('starts when it is due, not before, and is a recover by the control plane', async () => {
    const { domain, plugin } = await managedPlugin();
    await passDeadline();
    const before = await eventsOf(t, domain);
    t.advance(1_000);
    expect((await sweep(t.core)).retried).not.toContain(plugin.id);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'ERROR', generation: 1 });
    t.advance(29_001);
    expect((await sweep(t.core)).retried).toContain(plugin.id);
    const retried = await pluginOf(plugin);
    expect(retried).toMatchObject({
      state: 'RE_PROVISIONING',
      reason: 'RETRIED',
      generation: 2,
      attempt: 2,
      nextAttemptAt: null,
    });
    expectNear(Number(retried.deadlineAt), now() + 600_000);
    expect((await eventsOf(t, domain)).slice(before.length)).toEqual([
      'PLUGIN_STATE_CHANGED ERROR>RE_PROVISIONING RETRIED by muster',
    ]);
  });

  test('is started once by replicas that sweep at once', async () => {
    const { domain, plugin } = await managedPlugin();
    await passDeadline();
    t.advance(31_000);
    const swept = await Promise.all(Array.from({ length: 4 }, () => sweep(t.core)));
    expect(swept.flatMap(({ retried }) => retried).filter((id) => id === plugin.id)).toHaveLength(1);
    expect((await eventsOf(t, domain)).filter((event) => event.includes('RETRIED'))).toHaveLength(1);
    expect(await pluginOf(plugin)).toMatchObject({ generation: 2, attempt: 2 });
  });

  test('comes after pauses that double up to an hour, until the budget is spent', async () => {
    const { plugin } = await managedPlugin();
    for (const seconds of [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
      await passDeadline();
      await expectNextAttempt(plugin, seconds);
      await passPause(plugin);
    }
    await passDeadline();
    expect((await pluginOf(plugin)).nextAttemptAt).toBe(null);
    const left = await pluginOf(plugin);
    expect(left).toMatchObject({ state: 'ERROR', reason: 'DEADLINE_EXCEEDED', attempt: 10, generation: 10 });
    t.advance(100_000_000);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toEqual(left);
  });

  test('comes at all after thousands of them, where the budget is that large', async () => {
    const { plugin } = await managedPlugin({ attempt: 3_000 });
    t.advance(pastDeadlineMs);
    await sweep({ ...t.core, settings: { ...t.core.settings, restartBudget: 1_000_000 } });
    await expectNextAttempt(plugin, 3_600);
  });

  test('does not start while the supervisor is not ENABLED, and starts once it is', async () => {
    const { domain, supervisor, plugin } = await managedPlugin();
    const target = { supervisorId: supervisor.id };
    await passDeadline();
    await disableSupervisor(t.core, domain.operator, target);
    t.advance(600_000);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'ERROR', attempt: 1, generation: 1 });
    await enableSupervisor(t.core, domain.operator, target);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'RE_PROVISIONING', attempt: 2, generation: 2 });
  });

  test('does not start for a plugin that has become unwanted meanwhile', async () => {
    const { plugin } = await managedPlugin();
    await passDeadline();
    await t.db.prisma.plugin.update({ where: { id: plugin.id }, data: { wanted: false } });
    t.advance(31_000);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'ERROR', attempt: 1 });
  });

  test('lets a plugin be missing anew, as a recover does', async () => {
    const { domain, plugin } = await recovered();
    await passDeadline();
    for (let times = 0; times < 2; times++) await publish(t, domain, { hostname, plugins: [] });
    expect(await pluginOf(plugin)).toMatchObject({ missingReports: 2 });
    t.advance(61_000);
    await sweep(t.core);
    await publish(t, domain, { hostname, plugins: [] });
    expect(await pluginOf(plugin)).toMatchObject({ state: 'RE_PROVISIONING', missingReports: 1, attempt: 2 });
  });
});

describe('P5: what ends attempts', () => {
  test('an operator’s recover begins at attempt 1, and with the shortest pause', async () => {
    const { domain, plugin } = await managedPlugin();
    await passDeadline();
    await passPause(plugin);
    await passDeadline();
    expect(await pluginOf(plugin)).toMatchObject({ attempt: 2, generation: 2, state: 'ERROR' });
    expect(await recover(domain, plugin)).toMatchObject({
      attempt: 1,
      generation: 3,
      nextAttemptAt: null,
      reason: 'RECOVER_REQUESTED',
    });
    await passDeadline();
    await expectNextAttempt(plugin, 30);
  });

  test('a report that it is ACTIVE ends them, while one waits and while one is under way', async () => {
    const { domain, plugin } = await managedPlugin();
    await passDeadline();
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE', observedGeneration: 1 });
    const up = { state: 'ACTIVE', reason: null, nextAttemptAt: null, deadlineAt: null };
    expect(await pluginOf(plugin)).toMatchObject({ ...up, generation: 1 });

    await recover(domain, plugin);
    await passDeadline();
    await passPause(plugin);
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE', observedGeneration: 3 });
    const active = await pluginOf(plugin);
    expect(active).toMatchObject({ ...up, generation: 3 });
    t.advance(10_000_000);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toEqual(active);
  });

  test('a plugin that came up has its whole budget again', async () => {
    const { domain, plugin } = await managedPlugin({ attempt: 9 });
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE', observedGeneration: 1 });
    expect(await pluginOf(plugin)).toMatchObject({ attempt: 1 });
    await reportPlugin(t, domain, hostname, { state: 'PROVISIONING', observedGeneration: 1 });
    await passDeadline();
    await expectNextAttempt(plugin, 30);
  });

  test('P3: a report about an earlier generation ends nothing', async () => {
    const { domain, plugin } = await recovered();
    await passDeadline();
    const failed = await pluginOf(plugin);
    for (const state of ['ACTIVE', 'PROVISIONING', 'ERROR'] as const) {
      await reportPlugin(t, domain, hostname, { state, observedGeneration: 1 });
    }
    expect(await pluginOf(plugin)).toEqual(failed);
    await passPause(plugin);
    const retried = await pluginOf(plugin);
    expect(retried).toMatchObject({ state: 'RE_PROVISIONING', generation: 3 });
    for (const observedGeneration of [1, 2, null]) {
      await reportPlugin(t, domain, hostname, { state: 'ACTIVE', observedGeneration });
    }
    expect(await pluginOf(plugin)).toEqual(retried);
  });

  test('a report of the failure itself does not: the next attempt comes', async () => {
    const { domain, plugin } = await managedPlugin();
    await passDeadline();
    await reportPlugin(t, domain, hostname, { state: 'ERROR', observedGeneration: 1, message: 'no image' });
    expect(await pluginOf(plugin)).toMatchObject({ reason: 'DEADLINE_EXCEEDED', message: 'no image' });
    await passPause(plugin);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'RE_PROVISIONING', attempt: 2 });
  });

  test('a report that the agent is at work again does, and then has a deadline of its own', async () => {
    const { domain, plugin } = await managedPlugin();
    await passDeadline();
    await reportPlugin(t, domain, hostname, { state: 'PROVISIONING', observedGeneration: 1 });
    expect(await pluginOf(plugin)).toMatchObject({ state: 'PROVISIONING', nextAttemptAt: null });
    t.advance(31_000);
    await sweep(t.core);
    expect(await pluginOf(plugin)).toMatchObject({ state: 'PROVISIONING', generation: 1 });
    await passDeadline();
    expect(await pluginOf(plugin)).toMatchObject({ state: 'ERROR', attempt: 1 });
    await expectNextAttempt(plugin, 30);
  });
});
