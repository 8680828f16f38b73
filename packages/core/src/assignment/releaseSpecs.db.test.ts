import { beforeEach, describe, expect, test } from 'vitest';
import { enabledSupervisor, newDomain, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { openStream } from '../event/stream.ts';
import { installPlugin } from '../placement/install.ts';
import { publishRelease } from '../release/publishRelease.ts';
import { retireRelease } from '../release/retireRelease.ts';
import { type Assignments, fetchAssignments, listAssignments, watchAssignments } from './assignments.ts';

const t = useTestCore();
let domain: TestDomain;
let supervisorId: string;
let pluginId: string;
let made = 0;

beforeEach(async () => {
  domain = newDomain();
  supervisorId = (await enabledSupervisor(t, domain, { hostname: 'a' })).id;
  made += 1;
  pluginId = `collector-${made}`;
});

const install = (version = '1') => installPlugin(t.core, domain.operator, { pluginId, version });
const publish = (spec: object, input: object = {}, viewer: Viewer = domain.operator) =>
  publishRelease(t.core, viewer, { pluginId, version: '1', spec, ...input });
const publishForAll = (spec: object) => publish(spec, { isPublic: true }, domain.admin);
/** The images of the assignments, as a viewer is shown them. */
const images = async (viewer: Viewer, input: object = { supervisorId }) =>
  (await listAssignments(t.core, viewer, input)).map(({ spec }) => spec?.image);

describe('C1: an assignment', () => {
  test('carries the spec of its release, for its agent and for operators', async () => {
    const { spec } = await publish({ image: 'own:1' });
    await install();
    await install('2');
    for (const viewer of [domain.agent, domain.operator]) {
      const list = await listAssignments(t.core, viewer, { supervisorId });
      expect(list.map((assignment) => [assignment.version, assignment.spec])).toEqual([
        ['1', spec],
        ['2', null],
      ]);
    }
  });

  test('carries the public release’s, until its own domain has one; another domain’s is nothing to it', async () => {
    await publish({ image: 'foreign:1' }, {}, newDomain().operator);
    await install();
    expect(await images(domain.agent)).toEqual([undefined]);
    await publishForAll({ image: 'public:1' });
    expect(await images(domain.agent)).toEqual(['public:1']);
    await publish({ image: 'own:1' });
    expect(await images(domain.agent)).toEqual(['own:1']);
  });

  test('carries a retired release’s too: what runs stays', async () => {
    const { id } = await publish({ image: 'own:1' });
    await install();
    await retireRelease(t.core, domain.operator, { releaseId: id });
    expect(await images(domain.agent)).toEqual(['own:1']);
  });

  test('on a public supervisor carries the spec of the domain that its plugin belongs to', async () => {
    const host = await enabledSupervisor(t, domain, { hostname: 'public' });
    await t.db.prisma.supervisor.update({ where: { id: host.id }, data: { isPublic: true } });
    const guest = newDomain();
    await publish({ image: 'host:1' });
    await publish({ image: 'guest:1' }, {}, guest.operator);
    for (const { operator } of [domain, guest]) {
      await installPlugin(t.core, operator, { pluginId, version: '1', supervisorId: host.id });
    }
    expect((await images(domain.agent, { supervisorId: host.id })).toSorted()).toEqual(['guest:1', 'host:1']);
    expect(await images(domain.operator, { supervisorId: host.id })).toEqual(['host:1']);
  });
});

test('C1: an existing agent’s list is as it was: specs are read for those who ask', async () => {
  await publish({ image: 'own:1' });
  await install();
  expect(await fetchAssignments(t.core, domain.agent, { hostname: 'a' })).toMatchObject([{ pluginId, spec: null }]);
});

test('C1: who watches a list is sent it again once a release of one of its plugins is published, and for no other', async () => {
  await install();
  const lists = await openStream(t.core, await watchAssignments(t.core, domain.agent, { supervisorId }));
  const next = async () => {
    const { value } = (await lists.next()) as IteratorYieldResult<Assignments>;
    return value.plugins.map(({ version, spec }) => [version, spec?.image]);
  };
  expect(await next()).toEqual([['1', undefined]]);
  await publish({}, { version: '2' });
  await publish({}, { pluginId: 'other' });
  await publish({}, {}, newDomain().operator);
  await publishForAll({ image: 'public:1' });
  expect(await next()).toEqual([['1', 'public:1']]);
  await publish({ image: 'own:1' });
  expect(await next()).toEqual([['1', 'own:1']]);
  await publish({ image: 'own:3' }, { version: '3' });
  await install('3');
  expect(await next()).toEqual([
    ['1', 'own:1'],
    ['3', 'own:3'],
  ]);
  await lists.return?.();
});
