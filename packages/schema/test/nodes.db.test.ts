import type { Viewer } from '@muster/core';
import { describe, expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi();

describe('node and nodes find what the fields of each type find, by the same rules', () => {
  const ask = (ids: string[], viewer: Viewer) =>
    api.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids }, viewer);

  test('A1: an API key only for who may list it', async () => {
    const created = await api.ask<{ createApiKey: { apiKey: { id: string } } }>(
      'mutation { createApiKey(input: {name: "k", role: VIEWER, domainId: "domain-keys"}) { apiKey { id } } }',
    );
    const forAll = await api.ask<{ createApiKey: { apiKey: { id: string } } }>(
      'mutation { createApiKey(input: {name: "root", role: ADMIN, domainId: "domain-keys"}) { apiKey { id } } }',
    );
    const [own, admins] = [created, forAll].map(({ createApiKey }) => createApiKey.apiKey.id) as [string, string];
    const as = (role: Viewer['role'], of = 'domain-keys'): Viewer => ({ subject: 'a', role, domainId: of });
    const key = (id: string) => ({ __typename: 'ApiKey', id });
    expect(await ask([own, admins], as('ADMIN'))).toEqual({ nodes: [key(own), key(admins)] });
    expect(await ask([own, admins], as('OPERATOR'))).toEqual({ nodes: [key(own), null] });
    expect(await ask([own, admins], as('VIEWER'))).toEqual({ nodes: [null, null] });
    expect(await ask([own], as('OPERATOR', 'domain-other'))).toEqual({ nodes: [null] });
    expect(await api.refusal(`{ node(id: "${own}") { id } }`, {}, as('SUPERVISOR'))).toEqual({ code: 'FORBIDDEN' });
    const whole = '{ ... on ApiKey { name role lastUsedAt enrollment { newcomers } madeKeys { totalCount } } }';
    expect(await api.ask(`{ node(id: "${own}") ${whole} }`, {}, as('OPERATOR'))).toEqual({
      node: { name: 'k', role: 'VIEWER', lastUsedAt: null, enrollment: null, madeKeys: { totalCount: 0 } },
    });
  });
});
