import { getIntrospectionQuery } from 'graphql';
import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** The whole schema, asked for again and again in documents that differ. */
export const introspection: Attack = {
  name: 'introspection',
  family: 'documents',
  bounds: [5, 6],
  summary: '100 introspection queries at a time, each in other words',
  run: async (context) => {
    const client = openHttpClient(context, 100, context.target.tenant.keys.viewer);
    const query = getIntrospectionQuery();
    await keepAttacking(context, 100, (turn) => client.operation(query.replace('IntrospectionQuery', `I${turn}`)));
  },
};
