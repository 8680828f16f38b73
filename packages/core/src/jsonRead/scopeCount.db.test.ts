import { expect, test } from 'vitest';
import { newDomain, publish, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { trimHistory } from '../event/trim.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { readJson } from './read.ts';

const t = useTestCore();

const page = { input: {}, parts: [{ key: 'count', count: true }] } as const;

async function counts(viewer: Viewer): Promise<number[]> {
  const text = await readJson(t.core, viewer, [
    { key: 'supervisors', supervisors: page },
    { key: 'plugins', plugins: page },
  ]);
  const { supervisors, plugins } = JSON.parse(text);
  return [supervisors.count, plugins.count];
}

const reports = (domain: TestDomain, hostname: string, plugins: number) =>
  publish(t, domain, {
    hostname,
    plugins: Array.from({ length: plugins }, (_, i) => ({ pluginId: `p${i}`, version: '1', state: 'ACTIVE' as const })),
  });

test('a number that was counted before holds until a row comes or goes, for each domain and for all', async () => {
  const [own, other] = [newDomain(), newDomain()];
  expect(await counts(own.viewer)).toEqual([0, 0]);
  const { supervisor } = await reports(own, 'a', 2);
  await reports(other, 'b', 1);
  expect(await counts(own.viewer)).toEqual([1, 2]);
  expect(await counts(own.viewer)).toEqual([1, 2]);
  expect(await counts(own.admin)).toEqual([2, 3]);
  await reports(own, 'c', 1);
  expect(await counts(own.viewer)).toEqual([2, 3]);
  expect(await counts(other.viewer)).toEqual([1, 1]);
  expect(await counts(own.admin)).toEqual([3, 4]);
  await deregisterSupervisor(t.core, own.operator, { supervisorId: supervisor.id, force: true });
  expect(await counts(own.viewer)).toEqual([1, 1]);
  expect(await counts(own.admin)).toEqual([2, 2]);
});

test('a number that was counted before is not asked of the table again', async () => {
  const domain = newDomain();
  await reports(domain, 'a', 1);
  await counts(domain.viewer);
  const key = `supervisor ${domain.domainId}`;
  const known = t.core.counts.get(key);
  t.core.counts.set(key, { after: known?.after ?? '', count: 77 });
  expect(await counts(domain.viewer)).toEqual([77, 1]);
  await reports(domain, 'b', 0);
  expect(await counts(domain.viewer)).toEqual([2, 1]);
});

test('where history was trimmed, rows are counted anew', async () => {
  const domain = newDomain();
  await reports(domain, 'a', 1);
  await counts(domain.viewer);
  t.advance(400 * 24 * 3_600_000);
  await trimHistory(t.core);
  await reports(domain, 'b', 0);
  expect(await counts(domain.viewer)).toEqual([2, 1]);
});
