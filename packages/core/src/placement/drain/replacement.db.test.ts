import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../../testing/agent.ts';
import { identity, installedIn, wantedIn } from '../../../testing/placed.ts';
import {
  enabledSupervisor,
  newDomain,
  pastLeaseMs,
  type TestCore,
  type TestDomain,
  useTestCore,
} from '../../../testing/testCore.ts';
import { deregisterSupervisor, installPlugin } from '../../index.ts';
import { sweep } from '../../sweep/sweep.ts';

const t = useTestCore();
const replacing = useTestCore({ settings: { replaceAfterSeconds: 600 } });
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});
afterEach(async () => {
  // A sweep advances whatever is under way in any domain.
  for (const each of [t, replacing]) await each.db.sql.query('DELETE FROM supervisors');
});

async function disconnect(test: TestCore): Promise<void> {
  test.advance(pastLeaseMs);
  await sweep(test.core);
}

describe('re-placement', () => {
  test('is off by default', async () => {
    await installedIn(t, domain, 'a');
    await enabledSupervisor(t, domain, { hostname: 'b' });
    await disconnect(t);
    t.advance(30 * 86_400_000);
    await tick(t, domain, 'b');
    await sweep(t.core);
    expect(await wantedIn(t, domain)).toEqual({ a: 'ACTIVE' });
  });

  test('places what is on a supervisor elsewhere that is DISCONNECTED for too long; when it comes back, the newer stays and the old one goes once that is ACTIVE', async () => {
    await installedIn(replacing, domain, 'a');
    await enabledSupervisor(replacing, domain, { hostname: 'b' });
    await disconnect(replacing);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedIn(replacing, domain)).toEqual({ a: 'ACTIVE' });
    replacing.advance(600_000);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedIn(replacing, domain)).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await tick(replacing, domain, 'a');
    await sweep(replacing.core);
    expect(await wantedIn(replacing, domain)).toEqual({ a: 'ACTIVE', b: 'PROVISIONING' });
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedIn(replacing, domain)).toEqual({ b: 'ACTIVE' });
    await tick(replacing, domain, 'a');
    expect(await replacing.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
  });

  test('leaves what takes a place, when the supervisor is forgotten', async () => {
    const a = await installedIn(replacing, domain, 'a');
    await enabledSupervisor(replacing, domain, { hostname: 'b' });
    await disconnect(replacing);
    replacing.advance(600_000);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    await deregisterSupervisor(replacing.core, domain.operator, { supervisorId: a.id, force: true });
    await sweep(replacing.core);
    expect(await wantedIn(replacing, domain)).toEqual({ b: 'PROVISIONING' });
  });

  test('M6: leaves what is pinned', async () => {
    const { id: supervisorId } = await enabledSupervisor(replacing, domain, { hostname: 'a' });
    await installPlugin(replacing.core, domain.operator, { ...identity, supervisorId });
    await tick(replacing, domain, 'a');
    await enabledSupervisor(replacing, domain, { hostname: 'b' });
    await disconnect(replacing);
    replacing.advance(600_000);
    await tick(replacing, domain, 'b');
    await sweep(replacing.core);
    expect(await wantedIn(replacing, domain)).toEqual({ a: 'ACTIVE' });
  });
});
