import type { Plugin, PluginState } from '@muster/db';
import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  pastDeadlineMs,
  pluginIn,
  publish,
  refusalOf,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { newSupervisorId } from '../base/ids.ts';
import { sweep } from '../sweep/sweep.ts';
import { type PluginEvent, type PluginOutcome, pluginLifecycle, pluginReasons } from './lifecycle.ts';
import { recoverPlugin } from './recover.ts';

const t = useTestCore();

const hostname = 'host-1';
const identity = { pluginId: 'collector', version: '1.0' };

interface Subject {
  domain: TestDomain;
  supervisorId: string;
  /** Undefined for UNKNOWN. */
  plugin: Plugin | undefined;
}

/** Unmanaged, brought into its state by reports and recover. */
async function subjectIn(state: PluginState | 'UNKNOWN'): Promise<Subject> {
  const domain = newDomain();
  if (state === 'UNKNOWN') {
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    return { domain, supervisorId: supervisor.id, plugin: undefined };
  }
  const { supervisor, plugin } = await pluginIn(t, domain, state, hostname);
  return { domain, supervisorId: supervisor.id, plugin };
}

/** Only managed plugins turn to ERROR for being missing; unmanaged ones are deleted. */
async function managedSubjectIn(state: PluginState): Promise<Subject> {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  const provisioned = state === 'ACTIVE' || state === 'ERROR';
  const plugin = await insertManagedPlugin(t, supervisor, {
    state,
    deadlineAt: provisioned ? null : new Date(Date.now() + 1_000 * pastDeadlineMs),
  });
  return { domain, supervisorId: supervisor.id, plugin };
}

const find = (subject: Subject) =>
  t.db.prisma.plugin.findFirst({ where: { supervisorId: subject.supervisorId, ...identity } });

type Run = (subject: Subject, generation?: number | null) => Promise<void>;
const reported =
  (state: PluginState): Run =>
  ({ domain }, observedGeneration) =>
    reportPlugin(t, domain, hostname, { state, observedGeneration });

const run: Record<PluginEvent, Run> = {
  reportedProvisioning: reported('PROVISIONING'),
  reportedActive: reported('ACTIVE'),
  reportedError: reported('ERROR'),
  recover: async ({ domain, supervisorId }) => {
    await recoverPlugin(t.core, domain.operator, { supervisorId, ...identity });
  },
  deadlinePasses: async () => {
    t.advance(pastDeadlineMs);
    await sweep(t.core);
  },
  missing: async ({ domain }) => {
    for (let times = 0; times < 3; times++) {
      await publish(t, domain, { hostname, plugins: [] });
      t.advance(31_000);
    }
  },
};

async function check(subject: Subject, event: PluginEvent, outcome: PluginOutcome): Promise<void> {
  const before = await eventsOf(t, subject.domain);
  const newsOf = async () => (await eventsOf(t, subject.domain)).slice(before.length);
  switch (outcome.kind) {
    case 'notFound':
      expect(await refusalOf(run[event](subject))).toMatchObject({ code: 'NOT_FOUND' });
      expect(await newsOf()).toEqual([]);
      return;
    case 'none':
    case 'stay':
      await run[event](subject);
      expect((await find(subject))?.state).toBe(subject.plugin?.state);
      expect((await newsOf()).filter((news) => news.startsWith('PLUGIN'))).toEqual([]);
      return;
    case 'become':
      await run[event](subject, outcome.ifFresh ? subject.plugin?.generation : undefined);
      expect(await find(subject)).toMatchObject({ state: outcome.state, reason: outcome.reason });
      expect((await newsOf()).filter((news) => news.startsWith('PLUGIN'))).toEqual([
        eventOf(subject.plugin?.state, event, outcome),
      ]);
  }
}

/** In the brief form of `eventsOf`. */
function eventOf(from: PluginState | undefined, event: PluginEvent, to: Extract<PluginOutcome, { kind: 'become' }>) {
  const by = { recover: 'operator', deadlinePasses: 'muster' }[event as string] ?? 'supervisor';
  const why = `${to.reason ?? '-'} by ${by}`;
  if (from === undefined) return `PLUGIN_CREATED NONE>${to.state} ${why}`;
  return from === to.state ? `PLUGIN_UPDATED ${why}` : `PLUGIN_STATE_CHANGED ${from}>${to.state} ${why}`;
}

const cells = Object.entries(pluginLifecycle).flatMap(([situation, outcomes]) =>
  Object.entries(outcomes).map(([event, outcome]) => ({
    situation: situation as PluginState | 'UNKNOWN',
    event: event as PluginEvent,
    outcome,
    says: outcome.kind === 'become' ? outcome.state : outcome.kind,
  })),
);

describe('the operations do what the plugin lifecycle says', () => {
  test.each(cells)('$situation, $event: $says', async ({ situation, event, outcome }) => {
    const managed = event === 'missing' && situation !== 'UNKNOWN';
    await check(await (managed ? managedSubjectIn(situation) : subjectIn(situation)), event, outcome);
  });

  const ifFresh = cells.filter(({ outcome }) => outcome.kind === 'become' && outcome.ifFresh);
  test.each(ifFresh)('P3: $situation, $event of another generation or of none: stay', async ({ situation, event }) => {
    const subject = await subjectIn(situation);
    const generation = subject.plugin?.generation ?? 0;
    for (const stale of [generation - 1, 0, generation + 1, null, undefined]) {
      await run[event](subject, stale);
      expect(await find(subject)).toEqual(subject.plugin);
    }
  });
});

test('a plugin that a report brings is unmanaged, and what it says is stored', async () => {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  await reportPlugin(t, domain, hostname, {
    state: 'ERROR',
    endpoints: ['grpc://a:1', 'grpc://b:2'],
    message: 'no image',
  });
  const plugin = await find({ domain, supervisorId: supervisor.id, plugin: undefined });
  expect(plugin).toMatchObject({
    managed: false,
    wanted: true,
    generation: 1,
    domainId: domain.domainId,
    endpoint: 'grpc://a:1',
    endpoints: ['grpc://a:1', 'grpc://b:2'],
    message: 'no image',
    reason: pluginReasons.reported,
    deadlineAt: null,
  });
});

test('P2: recover adds one to the generation and sets a new deadline, from every state', async () => {
  for (const state of ['PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR'] as const) {
    const domain = newDomain();
    const { supervisor, plugin } = await pluginIn(t, domain, state, hostname);
    t.advance(1_000);
    const recovered = await recoverPlugin(t.core, domain.operator, { supervisorId: supervisor.id, ...identity });
    expect(recovered).toMatchObject({ generation: plugin.generation + 1, state: 'RE_PROVISIONING' });
    expect(Number(recovered.deadlineAt)).toBeGreaterThan(Number(plugin.deadlineAt));
  }
});

test('P2: recovers given at once each count', async () => {
  const domain = newDomain();
  const { supervisor } = await pluginIn(t, domain, 'ACTIVE', hostname);
  const recover = () => recoverPlugin(t.core, domain.operator, { supervisorId: supervisor.id, ...identity });
  const recovered = await Promise.all([recover(), recover(), recover()]);
  expect(recovered.map(({ generation }) => generation).sort()).toEqual([2, 3, 4]);
});

test('P2: recover is refused with NOT_FOUND where the plugin, the version or the supervisor is unknown', async () => {
  const domain = newDomain();
  const { supervisor } = await pluginIn(t, domain, 'ACTIVE', hostname);
  for (const other of [{ pluginId: 'other' }, { version: '9' }, { supervisorId: newSupervisorId() }]) {
    const input = { supervisorId: supervisor.id, ...identity, ...other };
    const refusal = await refusalOf(recoverPlugin(t.core, domain.operator, input));
    expect(refusal.code).toBe('NOT_FOUND');
    expect(refusal.message).toBe(`no plugin ${input.pluginId} ${input.version} on supervisor ${input.supervisorId}`);
  }
});

test('P5: a plugin that goes on being provisioned keeps its first deadline', async () => {
  const domain = newDomain();
  const { plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
  t.advance(30_000);
  await reportPlugin(t, domain, hostname, { state: 'PROVISIONING', message: 'pulling' });
  const later = await t.db.prisma.plugin.findUniqueOrThrow({ where: { id: plugin.id } });
  expect(later).toMatchObject({ message: 'pulling', deadlineAt: plugin.deadlineAt });
});

test('P5: a deadline that has not passed changes nothing', async () => {
  const domain = newDomain();
  const { plugin } = await pluginIn(t, domain, 'PROVISIONING', hostname);
  t.advance(pastDeadlineMs - 10_000);
  await sweep(t.core);
  expect(await t.db.prisma.plugin.findUniqueOrThrow({ where: { id: plugin.id } })).toEqual(plugin);
  t.advance(10_000);
  await sweep(t.core);
  expect(await t.db.prisma.plugin.findUniqueOrThrow({ where: { id: plugin.id } })).toMatchObject({
    state: 'ERROR',
    reason: 'DEADLINE_EXCEEDED',
    deadlineAt: null,
  });
});
