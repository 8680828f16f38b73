import { beforeEach, describe, expect, test } from 'vitest';
import {
  everythingOf,
  insertManagedPlugin,
  newDomain,
  refusalOf,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { listBlockedHostnames } from '../block/blockedHostnames.ts';
import { blockHostnames, deregisterSupervisors, registerSupervisors } from './bulkQueue.ts';
import type { BulkResult } from './runBulk.ts';

const t = useTestCore({ settings: { limits: { bulkItems: 3 } } });
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const outcomesOf = ({ items }: BulkResult) => new Map(items.map(({ id, outcome, code }) => [id, code ?? outcome]));
const blockedOf = async () =>
  (await listBlockedHostnames(t.core, domain.operator, {})).edges.map(({ node }) => [node.hostname, node.note]);
const statesOf = async () =>
  (await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } })).map(({ state }) => state);

type Change = typeof registerSupervisors;

/** Runs a change dry, then in earnest: B2, the answers are the same, and the dry run changes nothing. */
async function runTwice(change: Change, input: Parameters<Change>[2]): Promise<BulkResult> {
  const before = [await everythingOf(t, domain), await blockedOf()];
  const rehearsed = await change(t.core, domain.operator, { ...input, dryRun: true });
  expect([await everythingOf(t, domain), await blockedOf()]).toEqual(before);
  const done = await change(t.core, domain.operator, input);
  expect(done).toEqual(rehearsed);
  return done;
}

describe('S11: the queue of newcomers is worked by filter', () => {
  test('registering many: what is registered already is refused by itself (S1)', async () => {
    const silent = await supervisorIn(t, domain, 'DISCONNECTED_NEWCOMER', 'b');
    const pending = await supervisorIn(t, domain, 'PENDING', 'a');
    const enabled = await supervisorIn(t, domain, 'ENABLED', 'c');
    const done = await runTwice(registerSupervisors, { all: true });
    expect(outcomesOf(done)).toEqual(
      new Map([
        [pending, 'CHANGED'],
        [silent, 'CHANGED'],
        [enabled, 'SUPERVISOR_STATE'],
      ]),
    );
    expect((await statesOf()).sort()).toEqual(['DISCONNECTED', 'ENABLED', 'ENABLED']);
  });

  test('deregistering many: what plugins bar is refused by itself (S5), and `force` and `block` are for each', async () => {
    const free = await supervisorIn(t, domain, 'PENDING', 'a');
    const barred = await supervisorIn(t, domain, 'ENABLED', 'b');
    await insertManagedPlugin(t, { id: barred, domainId: domain.domainId });
    const done = await runTwice(deregisterSupervisors, { filter: { hostname: { in: ['a', 'b'] } } });
    expect(outcomesOf(done)).toEqual(
      new Map([
        [free, 'CHANGED'],
        [barred, 'INSTALLED_PLUGIN_EXISTS'],
      ]),
    );
    const forced = { all: true, force: true, block: true };
    expect(outcomesOf(await runTwice(deregisterSupervisors, forced))).toEqual(new Map([[barred, 'CHANGED']]));
    expect(await statesOf()).toEqual([]);
    expect(await blockedOf()).toEqual([['b', null]]);
  });

  test('blocking the hostnames of many, each once', async () => {
    const [a, b] = [await supervisorIn(t, domain, 'PENDING', 'a'), await supervisorIn(t, domain, 'ENABLED', 'b')];
    const input = { filter: { hostname: { eq: 'a' } }, note: 'sold' };
    expect(outcomesOf(await runTwice(blockHostnames, input))).toEqual(new Map([[a, 'CHANGED']]));
    expect(outcomesOf(await runTwice(blockHostnames, { all: true }))).toEqual(
      new Map([
        [a, 'UNCHANGED'],
        [b, 'CHANGED'],
      ]),
    );
    expect(await blockedOf()).toEqual([
      ['a', 'sold'],
      ['b', null],
    ]);
  });
});

test('B1: the queue is not worked by a filter that says nothing, nor by options of a wrong type', async () => {
  await supervisorIn(t, domain, 'PENDING', 'a');
  for (const change of [registerSupervisors, deregisterSupervisors, blockHostnames]) {
    expect((await refusalOf(async () => change(t.core, domain.operator, { filter: {} }))).code).toBe('BAD_USER_INPUT');
  }
  const wrong = () => deregisterSupervisors(t.core, domain.operator, { all: true, force: 7.5 });
  expect((await refusalOf(async () => wrong())).message).toBe('force: expected true or false; got 7.5');
  expect(await statesOf()).toEqual(['PENDING']);
});
