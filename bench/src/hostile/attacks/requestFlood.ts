import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** The cheapest requests, as fast as the server takes them. */
export const requestFlood: Attack = {
  name: 'request-flood',
  family: 'credentials',
  bounds: [5, 6],
  summary: '200 cheap reads at a time by one credential',
  run: async (context) => {
    const { keys, supervisorIds } = context.target.tenant;
    const client = openHttpClient(context, 200, keys.viewer);
    const query = 'query ($id: ID!) { supervisor(id: $id) { id hostname } }';
    await keepAttacking(context, 200, (turn) =>
      client.operation(query, { id: supervisorIds[turn % supervisorIds.length] }),
    );
  },
};
