import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  everythingOf,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  rowPlaces,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { sweep } from '../sweep/sweep.ts';

const t = useTestCore();

const hostname = 'host-1';
const plugin = (state: 'ACTIVE' | 'ERROR') => [{ pluginId: 'collector', version: '1.0', state }];
const report = (
  domain: TestDomain,
  bootId: string,
  sequence: number | undefined,
  state: 'ACTIVE' | 'ERROR' = 'ACTIVE',
) => publish(t, domain, { hostname, bootId, ...(sequence === undefined ? {} : { sequence }), plugins: plugin(state) });
const stateOf = async ({ domainId }: TestDomain) =>
  (await t.db.prisma.plugin.findFirstOrThrow({ where: { domainId } })).state;

describe('S12: a report that is no newer than the last one of its run', () => {
  test('is answered as any other, and writes nothing, not even the lease', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname });
    const { supervisor } = await report(domain, 'A', 5);
    t.advance(60_000);
    const [before, places] = [await everythingOf(t, domain), await rowPlaces(t)];
    for (const sequence of [5, 4, 0]) {
      const answer = await publish(t, domain, {
        hostname,
        bootId: 'A',
        sequence,
        name: 'another',
        labels: { late: true },
        plugins: [...plugin('ERROR'), { pluginId: 'new', version: '1.0', state: 'ACTIVE' as const }],
      });
      expect(answer.supervisor).toEqual(supervisor);
      expect(answer.rejected).toEqual([]);
      expect(answer.nextPublishInMs).toBeGreaterThan(0);
    }
    expect(await everythingOf(t, domain)).toEqual(before);
    expect(await rowPlaces(t)).toEqual(places);
    await report(domain, 'A', 6, 'ERROR');
    expect(await stateOf(domain)).toBe('ERROR');
  });

  test('L1: is no sign of life: it does not bring a supervisor back', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname });
    await report(domain, 'A', 5);
    t.advance(pastLeaseMs);
    await sweep(t.core);
    expect((await report(domain, 'A', 5)).supervisor.state).toBe('DISCONNECTED');
    expect((await report(domain, 'A', 6)).supervisor.state).toBe('ENABLED');
  });

  test('S6: is refused where it does not know the secret', async () => {
    const domain = newDomain();
    const input = { hostname, bootId: 'A', sequence: 1 };
    await publish(t, domain, { ...input, secretKey: 'right' });
    expect((await refusalOf(publish(t, domain, input))).code).toBe('FORBIDDEN');
  });

  test('is late also once another run came, and shows no second agent then (S8)', async () => {
    const domain = newDomain();
    await report(domain, 'A', 5);
    await report(domain, 'B', 1, 'ERROR');
    const { supervisor } = await report(domain, 'A', 4);
    expect(supervisor.conditions).toEqual([]);
    expect(await stateOf(domain)).toBe('ERROR');
    expect((await report(domain, 'A', 6)).supervisor.conditions).toMatchObject([{ type: 'DUPLICATE_AGENT' }]);
  });
});

test('S12: another run starts anew', async () => {
  const domain = newDomain();
  await report(domain, 'A', 5);
  await report(domain, 'B', 1, 'ERROR');
  expect(await stateOf(domain)).toBe('ERROR');
  await report(domain, 'B', 2);
  expect(await stateOf(domain)).toBe('ACTIVE');
});

test('S12: a report without a number counts whenever it comes, and the numbers go on after it', async () => {
  const domain = newDomain();
  await report(domain, 'A', 5);
  await report(domain, 'A', undefined, 'ERROR');
  expect(await stateOf(domain)).toBe('ERROR');
  await report(domain, 'A', 5);
  expect(await stateOf(domain)).toBe('ERROR');
  await report(domain, 'A', 6);
  expect(await stateOf(domain)).toBe('ACTIVE');
});

test('S12: a number says of which run it is, and is a whole number from 0', async () => {
  const domain = newDomain();
  const refusal = await refusalOf(publish(t, domain, { hostname, sequence: 1 }));
  expect(refusal.message).toBe('bootId: expected the run that the sequence number is of; got nothing');
  for (const sequence of [-1, 1.5, 2 ** 31]) {
    expect((await refusalOf(publish(t, domain, { hostname, bootId: 'A', sequence }))).code).toBe('BAD_USER_INPUT');
  }
});
