import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const entries = 500_000;

/** Variables with a filter of a long list of operands. */
export const longLists: Attack = {
  name: 'long-lists',
  family: 'documents',
  bounds: [2, 7],
  isRefused: true,
  summary: '8 requests at a time with a filter of 500,000 operands',
  run: async (context) => {
    const client = openHttpClient(context, 8, context.target.tenant.keys.viewer);
    const list = Array.from({ length: entries }, (_, index) => `a${index % 10}`);
    const query = 'query ($l: [String!]) { plugins(filter: {pluginId: {in: $l}}) { totalCount } }';
    const body = Buffer.from(JSON.stringify({ query, variables: { l: list } }));
    await keepAttacking(context, 8, () => client.send({ body }));
  },
};
