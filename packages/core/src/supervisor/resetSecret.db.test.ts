import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  everythingOf,
  newDomain,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { newSupervisorId } from '../base/ids.ts';
import { listEvents } from '../event/read.ts';
import { resetSupervisorSecret } from './resetSecret.ts';

const t = useTestCore();

const hostname = 'host-1';
const refusedPublish = (domain: TestDomain, secretKey?: string) =>
  refusalOf(publish(t, domain, { hostname, secretKey }));

/** A supervisor with a secret, or without one. */
async function supervisorWith(secretKey: string | null) {
  const domain = newDomain();
  const { id } = await enabledSupervisor(t, domain, { hostname, secretKey });
  return { domain, supervisorId: id };
}

const reset = ({ domain, supervisorId }: { domain: TestDomain; supervisorId: string }) =>
  resetSupervisorSecret(t.core, domain.admin, { supervisorId });

describe('S6: after a reset', () => {
  test.each([
    ['that had one', 'old'],
    ['that was created without one', null],
  ])('the next publish with a secret fixes that of a supervisor %s', async (_, before) => {
    const subject = await supervisorWith(before);
    const { domain } = subject;
    await reset(subject);
    await publish(t, domain, { hostname, secretKey: 'new' });
    for (const secretKey of ['old', 'other', undefined]) {
      expect(await refusedPublish(domain, secretKey)).toMatchObject({ code: 'FORBIDDEN' });
    }
    await publish(t, domain, { hostname, secretKey: 'new' });
  });

  test('a publish without a secret is taken, and leaves it open', async () => {
    const subject = await supervisorWith('old');
    const { domain } = subject;
    await reset(subject);
    await publish(t, domain, { hostname });
    await publish(t, domain, { hostname });
    await publish(t, domain, { hostname, secretKey: 'new' });
    expect(await refusedPublish(domain)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('the secret from before may be fixed again', async () => {
    const subject = await supervisorWith('old');
    await reset(subject);
    await publish(t, subject.domain, { hostname, secretKey: 'old' });
    expect(await refusedPublish(subject.domain, 'new')).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('and another one, it is open once more', async () => {
    const subject = await supervisorWith('old');
    await reset(subject);
    await publish(t, subject.domain, { hostname, secretKey: 'second' });
    await reset(subject);
    await reset(subject);
    await publish(t, subject.domain, { hostname, secretKey: 'third' });
    expect(await refusedPublish(subject.domain, 'second')).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('nothing that a viewer sees has changed, and the answer is the supervisor without its secret', async () => {
    const subject = await supervisorWith('old');
    const where = { where: { id: subject.supervisorId } };
    const before = await t.db.prisma.supervisor.findUniqueOrThrow(where);
    const shown = async () => (await listEvents(t.core, subject.domain.viewer, { first: 100 })).edges.length;
    const events = await shown();
    expect(await reset(subject)).toMatchObject({ id: subject.supervisorId, secretHash: null });
    const after = await t.db.prisma.supervisor.findUniqueOrThrow(where);
    expect(after).toEqual({ ...before, secretHash: null, secretOpen: true, actor: subject.domain.admin.subject });
    expect(await shown()).toBe(events);
  });
});

describe('S6: the reset', () => {
  test('is an ADMIN’s alone', async () => {
    const subject = await supervisorWith('old');
    const { domain, supervisorId } = subject;
    const before = await everythingOf(t, domain);
    for (const viewer of [domain.viewer, domain.operator, domain.agent]) {
      const refusal = await refusalOf(resetSupervisorSecret(t.core, viewer, { supervisorId }));
      expect(refusal.code).toBe('FORBIDDEN');
    }
    expect(await everythingOf(t, domain)).toEqual(before);
    expect(await refusedPublish(domain)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('is NOT_FOUND where there is no such supervisor, or not in the domain that the ADMIN names', async () => {
    const { domain, supervisorId } = await supervisorWith('old');
    const elsewhere = { supervisorId, domainId: newDomain().domainId };
    for (const input of [{ supervisorId: newSupervisorId() }, elsewhere]) {
      const refusal = await refusalOf(resetSupervisorSecret(t.core, domain.admin, input));
      expect(refusal.code).toBe('NOT_FOUND');
    }
    expect(await refusedPublish(domain)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('is of one supervisor: another of the domain keeps its secret', async () => {
    const subject = await supervisorWith('old');
    await publish(t, subject.domain, { hostname: 'host-2', secretKey: 'its own' });
    await reset(subject);
    const refusal = await refusalOf(publish(t, subject.domain, { hostname: 'host-2', secretKey: 'other' }));
    expect(refusal.code).toBe('FORBIDDEN');
  });
});
