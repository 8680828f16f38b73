import { describe, expect, test } from 'vitest';
import { enabledSupervisor, newDomain, publish, refusalOf, useTestCore } from '../../testing/testCore.ts';
import { deregisterSupervisor } from './deregister.ts';
import { enableSupervisor } from './enable.ts';
import { getSupervisor } from './read.ts';
import { registerSupervisor } from './register.ts';
import { updateSupervisor } from './update.ts';

const t = useTestCore({ database: { onQuery: (text) => statements.push(text) } });
let statements: string[] = [];

const hostname = 'host-1';

describe('A3: an id in another domain', () => {
  test('is NOT_FOUND to every operation, in the words of one that does not exist', async () => {
    const [owner, stranger] = [newDomain(), newDomain()];
    const supervisor = await enabledSupervisor(t, owner, { hostname });
    const operations = [registerSupervisor, updateSupervisor, enableSupervisor, deregisterSupervisor];
    for (const operation of operations) {
      const ofForeign = await refusalOf(operation(t.core, stranger.operator, { supervisorId: supervisor.id }));
      const nowhere = 'supervisor-ffffffffffff';
      const ofNobody = await refusalOf(operation(t.core, stranger.operator, { supervisorId: nowhere }));
      expect(ofForeign.code).toBe('NOT_FOUND');
      expect(ofForeign.message.replace(supervisor.id, nowhere)).toBe(ofNobody.message);
      expect(ofForeign.details).toEqual(ofNobody.details);
    }
    expect(await getSupervisor(t.core, stranger.viewer, supervisor.id)).toBeNull();
    expect(await getSupervisor(t.core, owner.viewer, supervisor.id)).toMatchObject({ id: supervisor.id });
    expect(await getSupervisor(t.core, owner.admin, supervisor.id)).toMatchObject({ id: supervisor.id });
  });

  test('takes the same statements as one that does not exist', async () => {
    const [owner, stranger] = [newDomain(), newDomain()];
    const supervisor = await enabledSupervisor(t, owner, { hostname });
    const statementsOf = async (supervisorId: string) => {
      statements = [];
      await refusalOf(enableSupervisor(t.core, stranger.operator, { supervisorId }));
      // The tail reads when it is woken, whatever this test does.
      return statements.filter((text) => !text.includes('FROM events'));
    };
    expect(await statementsOf(supervisor.id)).toEqual(await statementsOf('supervisor-ffffffffffff'));
  });

  test('an id that is no id at all is NOT_FOUND too', async () => {
    const domain = newDomain();
    for (const supervisorId of ['', 'x', `supervisor-${'0'.repeat(500)}`, 'a\0b', '\ud800']) {
      const refusal = await refusalOf(enableSupervisor(t.core, domain.operator, { supervisorId }));
      expect(refusal.code).toBe('NOT_FOUND');
      expect(await getSupervisor(t.core, domain.viewer, supervisorId)).toBeNull();
    }
  });
});

test('A2: an operation may repeat its viewer’s domain; another is FORBIDDEN, but for an ADMIN', async () => {
  const [owner, stranger] = [newDomain(), newDomain()];
  const supervisor = await enabledSupervisor(t, owner, { hostname });
  const target = { supervisorId: supervisor.id };
  const refusal = await refusalOf(enableSupervisor(t.core, stranger.operator, { ...target, domainId: owner.domainId }));
  expect(refusal.code).toBe('FORBIDDEN');
  expect(refusal.message).not.toContain(supervisor.id);
  await enableSupervisor(t.core, owner.operator, { ...target, domainId: owner.domainId });
  await enableSupervisor(t.core, owner.admin, target);
  await enableSupervisor(t.core, owner.admin, { ...target, domainId: owner.domainId });
  expect(
    await refusalOf(enableSupervisor(t.core, owner.admin, { ...target, domainId: stranger.domainId })),
  ).toMatchObject({ code: 'NOT_FOUND' });
});

test('A2: a publish by an ADMIN of no domain must name one', async () => {
  const domain = newDomain();
  const refusal = await refusalOf(publish(t, domain, { hostname, domainId: null }, domain.admin));
  expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['domainId'] } });
});
