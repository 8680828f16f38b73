import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Searches that no index serves, by keyword over GraphQL and by pattern over REST. */
export const textSearches: Attack = {
  name: 'text-searches',
  family: 'work',
  bounds: [1, 2, 4, 5, 6],
  summary: '64 searches at a time by keyword and by regular expression',
  run: async (context) => {
    const client = openHttpClient(context, 64, context.target.tenant.keys.viewer);
    const query =
      'query ($k: String) { plugins(first: 1, keyword: $k) { totalCount } supervisors(first: 1, keyword: $k) { totalCount } }';
    await keepAttacking(context, 64, (turn) => {
      if (turn % 2 === 0) return client.operation(query, { k: `none${turn}` });
      const filter = [{ k: 'hostname', v: `[a-z]*[0-9]*[a-z.]*[0-9]*z${turn}$`, o: 'regex' }];
      return client.send({ path: '/plugin/v1/supervisors/search', body: JSON.stringify({ query: { filter } }) });
    });
  },
};
