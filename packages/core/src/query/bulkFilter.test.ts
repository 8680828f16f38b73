import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { defaultSettings } from '../base/settings.ts';
import { parseBulkFilter } from './bulkFilter.ts';
import { everything } from './condition.ts';
import type { PluginFilter, SupervisorFilter } from './filter.ts';
import { parseFilter } from './parseFilter.ts';

const { limits } = defaultSettings;
const parseSelection = (entity: 'supervisor' | 'plugin', selection: object) =>
  refusalOf(async () => parseBulkFilter(entity, selection, limits));

/** Filters that a list takes as no condition, or as one that all rows meet, by the path of the part at fault. */
const saidNothing: [path: string, entity: 'supervisor' | 'plugin', filter: unknown][] = [
  ['filter', 'supervisor', undefined],
  ['filter', 'supervisor', null],
  ['filter', 'supervisor', {}],
  ['filter.and', 'supervisor', { and: [] }],
  ['filter.and', 'supervisor', { and: null }],
  ['filter.and.0', 'supervisor', { and: [{}] }],
  ['filter.or', 'supervisor', { or: [] }],
  ['filter.or.0', 'supervisor', { or: [{}] }],
  ['filter.or.1', 'supervisor', { or: [{ hostname: { eq: 'a' } }, {}] }],
  ['filter.not', 'supervisor', { not: {} }],
  ['filter.not', 'supervisor', { not: null }],
  ['filter.not.hostname', 'supervisor', { not: { hostname: {} } }],
  ['filter.hostname', 'supervisor', { hostname: null }],
  ['filter.hostname', 'supervisor', { hostname: undefined }],
  ['filter.hostname', 'supervisor', { hostname: {} }],
  ['filter.hostname', 'supervisor', { hostname: { insensitive: true } }],
  ['filter.hostname.in', 'supervisor', { hostname: { in: null } }],
  ['filter.hostname.in', 'supervisor', { hostname: { in: undefined } }],
  ['filter.hostname.notIn', 'supervisor', { hostname: { notIn: [] } }],
  ['filter.hostname.eq', 'supervisor', { hostname: { eq: null } }],
  ['filter.hostname.ne', 'supervisor', { hostname: { eq: 'a', ne: null } }],
  ['filter.hostname.contains', 'supervisor', { hostname: { contains: '' } }],
  ['filter.hostname.startsWith', 'supervisor', { hostname: { startsWith: '' } }],
  ['filter.name', 'supervisor', { hostname: { eq: 'a' }, name: null }],
  ['filter.state.eq', 'supervisor', { state: { eq: 'NONE' } }],
  ['filter.state.in', 'supervisor', { state: { in: ['ENABLED', 'NONE'] } }],
  ['filter.isPublic.eq', 'supervisor', { isPublic: { eq: null } }],
  ['filter.createdAt', 'supervisor', { createdAt: {} }],
  ['filter.labels', 'supervisor', { labels: null }],
  ['filter.labels.contains', 'supervisor', { labels: { contains: null } }],
  ['filter.labels.contains', 'supervisor', { labels: { contains: {} } }],
  ['filter.tags', 'supervisor', { tags: {} }],
  ['filter.plugins', 'supervisor', { plugins: {} }],
  ['filter.plugins.every', 'supervisor', { plugins: { every: {} } }],
  ['filter.plugins.some.version', 'supervisor', { plugins: { some: { version: {} } } }],
  ['filter.supervisor', 'plugin', { supervisor: {} }],
  ['filter.supervisor.labels', 'plugin', { supervisor: { labels: null } }],
  ['filter.managed.eq', 'plugin', { managed: { eq: null } }],
];

describe('B1: a bulk change is for rows that conditions name, or for all where it says so', () => {
  test.each(saidNothing)('%s of a %s is refused: %j', async (path, entity, filter) => {
    expect(await parseSelection(entity, { filter })).toMatchObject({ code: 'BAD_USER_INPUT', at: partsOf(path) });
  });

  const meaningful: [entity: 'supervisor' | 'plugin', filter: SupervisorFilter | PluginFilter][] = [
    ['supervisor', { hostname: { in: ['NONE'] } }],
    ['supervisor', { registeredAt: { isNull: true } }],
    ['supervisor', { labels: { contains: { env: null } } }],
    ['supervisor', { plugins: { none: {} } }],
    ['supervisor', { not: { state: { eq: 'ENABLED' } }, or: [{ priority: { lt: 1 } }] }],
    ['plugin', { supervisor: { isPublic: { eq: false } } }],
  ];
  test.each(meaningful)('conditions of a %s are those of a list: %j', (entity, filter) => {
    expect(parseBulkFilter(entity, { filter }, limits)).toEqual(parseFilter(entity, filter, limits));
  });

  test('all: true names all, and stands alone', async () => {
    expect(parseBulkFilter('supervisor', { all: true }, limits)).toEqual(everything);
    expect(await parseSelection('supervisor', { all: false })).toMatchObject({ at: ['filter'] });
    const both = { all: true, filter: { hostname: { eq: 'a' } } };
    expect(await parseSelection('supervisor', both)).toMatchObject({ code: 'BAD_USER_INPUT', at: ['all'] });
  });
});

const partsOf = (path: string) => path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
