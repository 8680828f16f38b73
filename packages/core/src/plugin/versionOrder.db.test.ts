import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enabledSupervisor, newDomain, useTestCore } from '../../testing/testCore.ts';
import { versionOf } from '../../testing/versions.ts';
import { newPluginInstanceId } from '../base/ids.ts';
import { compareVersions, versionSortKey } from '../base/versionOrder.ts';
import { searchPlugins } from '../search/list.ts';
import { listPlugins } from './read.ts';

const t = useTestCore();

test('M5: SQL and memory have the same order of versions', async () => {
  const versions = fc.sample(versionOf, 3_000);
  const rows = await t.db.sql.query<{ version: string; key: string }>(
    'SELECT version, version_sort_key(version) AS key FROM unnest($1::text[]) AS u(version)',
    [versions],
  );
  expect(rows).toEqual(versions.map((version) => ({ version, key: versionSortKey(version) })));
});

test('M5: lists by VERSION have that order on every page, in both directions, and over the wire', async () => {
  const domain = newDomain();
  const { id: supervisorId, domainId } = await enabledSupervisor(t, domain, { hostname: 'a' });
  const versions = [...new Set([...fc.sample(versionOf, 40), '2.0.0-rc.1', '2.0.0', 'v1.2.0', '1.10.0', '1.9'])];
  await t.db.prisma.plugin.createMany({
    data: versions.map((version) => ({
      id: newPluginInstanceId(),
      supervisorId,
      domainId,
      pluginId: 'collector',
      version,
      state: 'ACTIVE',
    })),
  });
  const inOrder = versions.toSorted(compareVersions);
  for (const direction of ['ASC', 'DESC'] as const) {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await listPlugins(t.core, domain.viewer, {
        orderBy: [{ field: 'VERSION', direction }],
        first: 7,
        after,
      });
      seen.push(...page.edges.map(({ node }) => node.version));
      if (!(await page.pageInfo.hasNextPage)) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(direction === 'ASC' ? inOrder : inOrder.toReversed());
  }
  const { results } = await searchPlugins(t.core, domain.viewer, { query: { sort: [{ key: 'version' }] } });
  expect(results.map(({ version }) => version)).toEqual(inOrder);
});
