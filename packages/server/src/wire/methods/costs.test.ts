import type { Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import type { MessageJson } from '../proto/messageJson.ts';
import { pluginService, supervisorService } from './methods.ts';

const operator: Viewer = { subject: 'ops', role: 'OPERATOR', domainId: 'd' };
const agent: Viewer = { subject: 'edge', role: 'SUPERVISOR', domainId: 'd' };

function costOf(name: string, request: MessageJson, viewer = operator): number | undefined {
  const method = [...supervisorService.methods, ...pluginService.methods].find((each) => each.name === name);
  return method?.cost(request, viewer);
}

test.each<[title: string, name: string, request: MessageJson, cost: number]>([
  ['one row', 'get', { supervisor_id: 'x' }, 20],
  ['a page of 10', 'list', { query: { page: { limit: 10 } } }, 10 * 25 + 1_000],
  ['a page of more than there may be', 'list', { query: { page: { limit: 1_000_000 } } }, 1_000 * 25 + 1_000],
  ['a condition on elements', 'list', { query: { unwind: { filter: [{ o: 'eq' }] } } }, 1_000 * 25 + 2_010],
  ['a list without a limit, which may have 1,000 rows', 'list', {}, 1_000 * 25 + 1_000],
  ['all plugins, with and without a query', 'list_plugins', {}, 1_000 * 25 + 1_000],
  ['the plugins of one supervisor', 'list_plugins', { supervisor_id: 'x' }, 100 * 25 + 2_000],
  ['a word of a keyword', 'list_plugins', { query: { keyword: 'a', page: { limit: 1 } } }, 25 + 10_000],
  ['a count alone', 'list', { query: { count_only: true } }, 1_000],
  ['statistics', 'stat', { query: { aggregate: [{}] } }, 25_000],
])('W6: %s', (_title, name, request, cost) => {
  expect(costOf(name, request)).toBe(cost);
});

test('W6: a change costs 500, over REST and gRPC as over GraphQL; an agent’s report and its own list don’t', () => {
  const changes = ['register', 'update', 'deregister', 'enable', 'disable', 'recover_plugin', 'get_plugin_endpoint'];
  expect(changes.map((name) => costOf(name, {}))).toEqual(changes.map(() => 500));
  expect(costOf('publish', { hostname: 'edge-1' }, agent)).toBe(20);
  expect(costOf('list_plugins', { hostname: 'edge-1' }, agent)).toBe(200);
  expect(costOf('list_plugins', { hostname: 'edge-1' })).toBe(100 * 25 + 2_000);
});
