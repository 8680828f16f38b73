import { describe, expect, test } from 'vitest';
import {
  eventsOf,
  everythingOf,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { sweep } from '../sweep/sweep.ts';
import { deregisterSupervisor } from './deregister.ts';
import { disableSupervisor, enableSupervisor } from './enable.ts';
import {
  type SupervisorCommand,
  type SupervisorOutcome,
  type SupervisorSituation,
  supervisorLifecycle,
  supervisorReasons,
} from './lifecycle.ts';
import { preregisterSupervisor } from './preregister.ts';
import { registerSupervisor } from './register.ts';

const t = useTestCore();

const hostname = 'host-1';

/** The operation itself, as callers run it. */
const run: Record<SupervisorCommand, (domain: TestDomain, supervisorId: string) => Promise<unknown>> = {
  publish: (domain) => publish(t, domain, { hostname }),
  register: (domain, supervisorId) => registerSupervisor(t.core, domain.operator, { supervisorId }),
  preregister: (domain) => preregisterSupervisor(t.core, domain.operator, { hostname }),
  enable: (domain, supervisorId) => enableSupervisor(t.core, domain.operator, { supervisorId }),
  disable: (domain, supervisorId) => disableSupervisor(t.core, domain.operator, { supervisorId }),
  deregister: (domain, supervisorId) => deregisterSupervisor(t.core, domain.operator, { supervisorId }),
  expire: () => {
    t.advance(pastLeaseMs);
    return sweep(t.core);
  },
};

const stateOf = async (domain: TestDomain) =>
  (await t.db.prisma.supervisor.findFirst({ where: { domainId: domain.domainId } }))?.state;

const conditionsOf = async (domain: TestDomain) => {
  const supervisor = await t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId } });
  return (supervisor.conditions as { type: string }[]).map(({ type }) => type);
};

const isLeaseRunning = async (supervisorId: string) =>
  Number((await t.db.prisma.lease.findUniqueOrThrow({ where: { supervisorId } })).expiresAt) >
  Date.now() + t.core.clockOffsetMs();

const withoutLeases = async (domain: TestDomain) => ({ ...((await everythingOf(t, domain)) as object), leases: null });

/** The beginning of the event of a supervisor that is in a state now. */
function eventOf(from: string, to: string): string {
  if (from === to) return 'SUPERVISOR_UPDATED';
  return `${from === 'NONE' ? 'SUPERVISOR_CREATED' : 'SUPERVISOR_STATE_CHANGED'} ${from}>${to}`;
}

/** Checks the stored row against the kind of outcome. */
async function check(
  situation: SupervisorSituation,
  command: SupervisorCommand,
  outcome: SupervisorOutcome,
): Promise<void> {
  const domain = newDomain();
  const id = await supervisorIn(t, domain, situation, hostname);
  const before = await everythingOf(t, domain);
  const beforeButLeases = await withoutLeases(domain);
  const newsOf = async () => (await eventsOf(t, domain)).slice((before as { events: number }).events);
  const from = (await stateOf(domain)) ?? 'NONE';
  const by = command === 'publish' ? 'supervisor' : command === 'expire' ? 'muster' : 'operator';

  switch (outcome.kind) {
    case 'refuse':
    case 'notFound': {
      const refusal = await refusalOf(run[command](domain, id));
      expect(refusal.code).toBe(outcome.kind === 'refuse' ? 'SUPERVISOR_STATE' : 'NOT_FOUND');
      expect(refusal.message).toContain(id);
      expect(await everythingOf(t, domain)).toEqual(before);
      return;
    }
    case 'stay':
      await run[command](domain, id);
      if (outcome.condition === undefined) {
        expect(await withoutLeases(domain)).toEqual(beforeButLeases);
        return;
      }
      expect(await stateOf(domain)).toBe(from);
      expect(await conditionsOf(domain)).toEqual([outcome.condition]);
      expect(await newsOf()).toEqual([`SUPERVISOR_UPDATED ${supervisorReasons[command]} by ${by}`]);
      return;
    case 'delete':
      expect(await run[command](domain, id)).toBe(id);
      expect(await stateOf(domain)).toBeUndefined();
      expect(await newsOf()).toEqual([`SUPERVISOR_DELETED ${from}>NONE ${supervisorReasons[command]} by ${by}`]);
      return;
    case 'become': {
      await run[command](domain, id);
      expect(await stateOf(domain)).toBe(outcome.state);
      expect(await newsOf()).toEqual([`${eventOf(from, outcome.state)} ${supervisorReasons[command]} by ${by}`]);
      expect(await conditionsOf(domain)).toEqual(outcome.condition === undefined ? [] : [outcome.condition]);
      if (outcome.freshLease) expect(await isLeaseRunning(id)).toBe(true);
      return;
    }
    case 'none':
      // Nothing is there that it could happen to: the sweep that looks for it changes nothing.
      await run[command](domain, id);
      expect(await everythingOf(t, domain)).toEqual(before);
  }
}

const cells = Object.entries(supervisorLifecycle).flatMap(([situation, outcomes]) =>
  Object.entries(outcomes).map(([command, outcome]) => ({
    situation: situation as SupervisorSituation,
    command: command as SupervisorCommand,
    outcome,
    says: outcome.kind === 'become' ? outcome.state : outcome.kind,
  })),
);

describe('the operations do what the supervisor lifecycle says', () => {
  test.each(cells)('$situation, $command: $says', ({ situation, command, outcome }) =>
    check(situation, command, outcome),
  );
});

test('L1: publish renews the lease whatever its outcome', async () => {
  for (const situation of Object.keys(supervisorLifecycle) as SupervisorSituation[]) {
    const domain = newDomain();
    await supervisorIn(t, domain, situation, hostname);
    t.advance(pastLeaseMs);
    const { supervisor } = await publish(t, domain, { hostname });
    expect(await isLeaseRunning(supervisor.id)).toBe(true);
  }
});

test('enabling what is connected gives no lease: that is the agent’s to renew (L1)', async () => {
  const domain = newDomain();
  const supervisorId = await supervisorIn(t, domain, 'DISABLED', hostname);
  t.advance(pastLeaseMs);
  await enableSupervisor(t.core, domain.operator, { supervisorId });
  expect(await isLeaseRunning(supervisorId)).toBe(false);
  await sweep(t.core);
  expect(await stateOf(domain)).toBe('DISCONNECTED');
});

test('commands given at once are each decided on what the one before left', async () => {
  const domain = newDomain();
  const supervisorId = await supervisorIn(t, domain, 'PENDING', hostname);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 4 }, () => registerSupervisor(t.core, domain.operator, { supervisorId })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SUPERVISOR_STATE' });
  }
  expect(await eventsOf(t, domain)).toEqual([
    'SUPERVISOR_CREATED NONE>PENDING PUBLISHED by supervisor',
    'SUPERVISOR_STATE_CHANGED PENDING>ENABLED REGISTERED by operator',
  ]);
});
