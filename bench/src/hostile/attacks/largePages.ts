import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** The largest pages that the cost allows. */
export const largePages: Attack = {
  name: 'large-pages',
  family: 'work',
  bounds: [3, 4, 5, 6],
  summary: '30 pages at a time of 100 supervisors with 100 plugins each',
  run: async (context) => {
    const client = openHttpClient(context, 30, context.target.tenant.keys.viewer);
    const plugin = 'id pluginId version state endpoint endpoints message reason createdAt updatedAt generation managed';
    await keepAttacking(context, 30, (turn) =>
      client.operation(
        `query Q${turn} { supervisors(first: 100) { nodes { id hostname labels plugins(first: 100) { nodes { ${plugin} } } } } }`,
      ),
    );
  },
};
