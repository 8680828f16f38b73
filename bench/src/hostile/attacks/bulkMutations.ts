import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Changes of all supervisors of a tenant, forth and back. */
export const bulkMutations: Attack = {
  name: 'bulk-mutations',
  family: 'work',
  bounds: [1, 4, 5, 6],
  summary: '16 changes at a time of all supervisors of a tenant',
  run: async (context) => {
    const client = openHttpClient(context, 16, context.target.tenant.keys.operator);
    await keepAttacking(context, 16, (turn) => {
      const field = turn % 2 === 0 ? 'disableSupervisors' : 'enableSupervisors';
      return client.operation(`mutation { ${field}(input: {all: true}) { items { targetId outcome } } }`);
    });
  },
};
