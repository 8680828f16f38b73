import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** The dearest filter that nests relations once, counted to the end. */
export const relatedFilters: Attack = {
  name: 'related-filters',
  family: 'work',
  bounds: [1, 2, 4, 5, 6],
  summary: '64 counts at a time by a related filter with text searches',
  run: async (context) => {
    const client = openHttpClient(context, 64, context.target.tenant.keys.viewer);
    const query = 'query ($f: SupervisorFilter) { supervisors(first: 1, filter: $f) { totalCount } }';
    await keepAttacking(context, 64, (turn) => {
      const searches = Array.from({ length: 5 }, (_, index) => ({
        endpoint: { contains: `${turn}x${index}`, insensitive: true },
      }));
      return client.operation(query, { f: { plugins: { none: { or: searches } } } });
    });
  },
};
