import { testDatabaseKind } from '@muster/db/testing';
import { describe, expect, test } from 'vitest';
import {
  createRandom,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { revokeApiKey } from '../apiKey/apiKeys.ts';
import { createApiKey } from '../apiKey/createApiKey.ts';
import { DomainError } from '../base/errors.ts';
import { installPlugin } from '../placement/install.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { registerSupervisor } from '../supervisor/register.ts';

const quotas = { supervisors: 12, newcomers: 5, plugins: 6, keys: 4, deployments: 2 };
const t = useTestCore({ settings: { quotas } });

const hosts = (from: number, count: number) => Array.from({ length: count }, (_, i) => `host-${from + i}`);
const codeOf = (operation: Promise<unknown>) =>
  operation.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
const countOf = <Item>(items: readonly Item[], item: Item) => items.filter((own) => own === item).length;
const plugins = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ pluginId: `p${i}`, version: '1', state: 'ACTIVE' as const }));

async function registered(domain: TestDomain, hostname: string) {
  const { supervisor } = await publish(t, domain, { hostname });
  return registerSupervisor(t.core, domain.operator, { supervisorId: supervisor.id });
}

describe('A8: newcomers of a domain', () => {
  test('are bounded, however many come at once; those that are known go on', async () => {
    const [domain, other] = [newDomain(), newDomain()];
    const codes = await Promise.all(hosts(0, 40).map((hostname) => codeOf(publish(t, domain, { hostname }))));
    expect([countOf(codes, 'done'), countOf(codes, 'LIMIT')]).toEqual([5, 35]);
    expect(await t.db.prisma.supervisor.count({ where: { domainId: domain.domainId } })).toBe(5);
    const known = hosts(0, 40)[codes.indexOf('done')] ?? '';
    await publish(t, domain, { hostname: known });
    await publish(t, other, { hostname: 'innocent' });
  });

  test('say what the bound is, and make room by being registered or deregistered', async () => {
    const domain = newDomain();
    const first = await publish(t, domain, { hostname: 'first' });
    for (const hostname of hosts(0, 4)) await publish(t, domain, { hostname });
    expect(await refusalOf(publish(t, domain, { hostname: 'more' }))).toMatchObject({
      code: 'LIMIT',
      details: { quota: 'newcomers', limit: 5 },
    });
    await registerSupervisor(t.core, domain.operator, { supervisorId: first.supervisor.id });
    const more = await publish(t, domain, { hostname: 'more' });
    expect(await refusalOf(publish(t, domain, { hostname: 'another' }))).toMatchObject({ code: 'LIMIT' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: more.supervisor.id });
    await publish(t, domain, { hostname: 'another' });
  });
});

test.runIf(testDatabaseKind() === 'postgresql')(
  'A8: a newcomer that a full domain refuses waits for nobody (PGlite runs one transaction at a time)',
  async () => {
    const domain = newDomain();
    for (const hostname of hosts(0, 5)) await publish(t, domain, { hostname });
    await t.db.transaction(async (sql) => {
      await sql.query('SELECT FROM domain_usage WHERE domain_id = $1 FOR UPDATE', [domain.domainId]);
      expect(await refusalOf(publish(t, domain, { hostname: 'more', plugins: plugins(2) }))).toMatchObject({
        code: 'LIMIT',
        details: { quota: 'newcomers', limit: 5 },
      });
    });
  },
);

test('A8: supervisors of a domain are bounded, registered ones too', async () => {
  const domain = newDomain();
  for (const hostname of hosts(0, 12)) await registered(domain, hostname);
  expect(await refusalOf(publish(t, domain, { hostname: 'more' }))).toMatchObject({
    code: 'LIMIT',
    details: { quota: 'supervisors', limit: 12 },
  });
});

describe('A8: plugins of a domain are bounded', () => {
  test('in reports: the plugins past the quota are rejected with LIMIT, the rest of the report counts', async () => {
    const domain = newDomain();
    const results = await Promise.all(
      hosts(0, 4).map((hostname) => publish(t, domain, { hostname, plugins: plugins(4) })),
    );
    expect(await t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(6);
    const rejected = results.flatMap((result) => result.rejected);
    expect(rejected).toHaveLength(10);
    expect(rejected[0]).toMatchObject({
      code: 'LIMIT',
      version: '1',
      message: 'expected at most 6 plugins in a domain',
    });
    expect(rejected.every(({ index, pluginId }) => pluginId === `p${index}`)).toBe(true);
    const [full] = results.filter((result) => result.rejected.length === 0);
    expect(
      full && (await publish(t, domain, { hostname: full.supervisor.hostname, plugins: plugins(4) })),
    ).toMatchObject({ rejected: [] });
  });

  test('in installs, also where these come at once; what is there is answered as before', async () => {
    const domain = newDomain();
    await registered(domain, 'a');
    const install = (pluginId: string) => installPlugin(t.core, domain.operator, { pluginId, version: '1' });
    const codes = await Promise.all(Array.from({ length: 10 }, (_, i) => codeOf(install(`p${i}`))));
    expect([countOf(codes, 'done'), countOf(codes, 'LIMIT')]).toEqual([6, 4]);
    const there = `p${codes.indexOf('done')}`;
    expect(await install(there)).toMatchObject({ changed: false });
    expect(await refusalOf(install('more'))).toMatchObject({ details: { quota: 'plugins', limit: 6 } });
    await uninstallPlugin(t.core, domain.operator, { pluginId: there, version: '1' });
    expect(await install(there)).toMatchObject({ changed: true });
  });
});

describe('A8: keys of a domain are bounded', () => {
  const make = (domain: TestDomain, expiresAt: Date | null = null) =>
    createApiKey(t.core, domain.operator, { name: 'a', role: 'VIEWER', expiresAt });

  test('however many are made at once; revoked ones don’t count', async () => {
    const domain = newDomain();
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(make(domain))));
    expect([countOf(codes, 'done'), countOf(codes, 'LIMIT')]).toEqual([4, 6]);
    const [key] = await t.db.prisma.apiKey.findMany({ where: { domainId: domain.domainId } });
    await revokeApiKey(t.core, domain.operator, { apiKeyId: key?.id ?? '' });
    await make(domain);
    expect(await refusalOf(make(domain))).toMatchObject({ code: 'LIMIT', details: { quota: 'keys', limit: 4 } });
  });

  test('nor do expired ones, revoked or not', async () => {
    const domain = newDomain();
    for (let i = 0; i < 4; i++) await make(domain, new Date(t.core.now() + 60_000));
    expect(await refusalOf(make(domain))).toMatchObject({ code: 'LIMIT' });
    t.advance(60_001);
    const [expired] = await t.db.prisma.apiKey.findMany({ where: { domainId: domain.domainId } });
    await revokeApiKey(t.core, domain.operator, { apiKeyId: expired?.id ?? '' });
    for (let i = 0; i < 4; i++) await make(domain);
    expect(await refusalOf(make(domain))).toMatchObject({ code: 'LIMIT' });
  });
});

test('A8: what is counted is what there is, whatever comes in whatever order', async () => {
  const random = createRandom(7);
  const domains = [newDomain(), newDomain()];
  for (let step = 0; step < 120; step++) {
    const domain = random.one(domains);
    const rows = await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } });
    const row = rows.length === 0 ? null : random.one(rows);
    const target = { supervisorId: row?.id ?? 'supervisor-000000000000' };
    const action = random.below(5);
    if (action === 0) await codeOf(registerSupervisor(t.core, domain.operator, target));
    else if (action === 1) await codeOf(deregisterSupervisor(t.core, domain.operator, { ...target, force: true }));
    else if (action === 2 && row) await insertManagedPlugin(t, row, { pluginId: `q${step}` });
    else await codeOf(publish(t, domain, { hostname: `h${random.below(9)}`, plugins: plugins(random.below(3)) }));
  }
  for (const { domainId } of domains) {
    const where = { domainId };
    expect(await t.db.prisma.domainUsage.findUnique({ where })).toMatchObject({
      supervisors: await t.db.prisma.supervisor.count({ where }),
      newcomers: await t.db.prisma.supervisor.count({ where: { domainId, registeredAt: null } }),
      plugins: await t.db.prisma.plugin.count({ where }),
    });
  }
});
