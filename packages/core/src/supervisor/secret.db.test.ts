import { describe, expect, test } from 'vitest';
import { newDomain, publish, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';

const t = useTestCore({ database: { onQuery: (text) => statements.push(text) } });
let statements: string[] = [];

const hostname = 'host-1';
const only = (domain: TestDomain) =>
  t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId, hostname } });

const eventRows = async (domain: TestDomain) =>
  JSON.stringify((await t.db.prisma.event.findMany({ where: { domainId: domain.domainId } })).map(({ row }) => row));

describe('S6: the secret', () => {
  test('is fixed by the publish that creates, and asked for from then on', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname, secretKey: 'right' });
    const before = await only(domain);
    const leaseOf = () => t.db.prisma.lease.findUnique({ where: { supervisorId: before.id } });
    const lease = await leaseOf();
    for (const [secretKey, came] of [
      ['wrong', 'another one'],
      [null, 'none'],
      [undefined, 'none'],
    ] as const) {
      const refusal = await refusalOf(publish(t, domain, { hostname, secretKey, name: 'stranger' }));
      expect(refusal.code).toBe('FORBIDDEN');
      expect(refusal.message).toBe(`expected the secret key that ${hostname} was created with; got ${came}`);
    }
    // S9: the condition says that somebody was refused. Nothing else has changed.
    const { conditions, actor, reason, updatedAt, ...after } = await only(domain);
    expect(before).toMatchObject(after);
    expect([conditions, actor, reason]).toMatchObject([[{ type: 'IDENTITY_REFUSED' }], 'muster', 'IDENTITY_REFUSED']);
    expect(await leaseOf()).toEqual(lease);
    await publish(t, domain, { hostname, secretKey: 'right' });
  });

  test('of a stranger does not lock out a supervisor that was created without one', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname });
    await publish(t, domain, { hostname, secretKey: 'stranger' });
    expect(await only(domain)).toMatchObject({ secretHash: null });
    await publish(t, domain, { hostname });
  });

  test('is fixed by the next publish that brings one after an ADMIN opened it', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname, secretKey: 'old' });
    await t.db.sql.query('UPDATE supervisors SET secret_hash = NULL, secret_open = TRUE WHERE domain_id = $1', [
      domain.domainId,
    ]);
    await publish(t, domain, { hostname });
    expect(await only(domain)).toMatchObject({ secretOpen: true });
    await publish(t, domain, { hostname, secretKey: 'new' });
    expect(await only(domain)).toMatchObject({ secretOpen: false });
    expect(await refusalOf(publish(t, domain, { hostname, secretKey: 'old' }))).toMatchObject({ code: 'FORBIDDEN' });
    await publish(t, domain, { hostname, secretKey: 'new' });
  });

  test('is stored as a hash with a salt of its own, and never leaves in an answer, an event or a statement', async () => {
    const [one, two] = [newDomain(), newDomain()];
    statements = [];
    const secretKey = 'a secret of this test';
    const answer = await publish(t, one, { hostname, secretKey });
    await publish(t, two, { hostname, secretKey });
    const hashes = [(await only(one)).secretHash, (await only(two)).secretHash];
    expect(hashes[0]).toHaveLength(16 + 32);
    expect(hashes[0]).not.toEqual(hashes[1]);
    expect(answer.supervisor.secretHash).toBeNull();
    expect(await eventRows(one)).not.toMatch(/secret/);
    expect(statements.join()).not.toContain(secretKey);
  });

  test('a wrong secret of one (domain, hostname) says nothing of another', async () => {
    const [one, two] = [newDomain(), newDomain()];
    await publish(t, one, { hostname, secretKey: 'one' });
    await publish(t, two, { hostname, secretKey: 'two' });
    await publish(t, two, { hostname: 'host-2' });
  });
});
