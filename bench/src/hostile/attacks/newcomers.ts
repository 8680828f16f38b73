import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Supervisors that nobody has seen before, one after the other. */
export const newcomers: Attack = {
  name: 'newcomers',
  family: 'work',
  bounds: [4, 5, 6],
  summary: '64 publishes at a time, each by a new hostname with 20 plugins',
  run: async (context) => {
    const client = openHttpClient(context, 64, context.target.tenant.keys.agent);
    const plugins = Array.from({ length: 20 }, (_, index) => ({
      pluginId: `p${index}`,
      version: '1',
      state: 'ACTIVE',
    }));
    const query = 'mutation ($i: PublishSupervisorInput!) { publishSupervisor(input: $i) { supervisor { id } } }';
    await keepAttacking(context, 64, (turn) =>
      client.operation(query, { i: { name: `new${turn}`, hostname: `new-${turn}.invalid`, plugins } }),
    );
  },
};
