import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Waits for an endpoint that no agent will bring. */
export const endpointWaits: Attack = {
  name: 'endpoint-waits',
  family: 'work',
  bounds: [1, 5, 6],
  summary: '2,000 waits of 300 s at a time for a plugin that never comes up',
  run: async (context) => {
    const { keys, supervisorIds } = context.target.tenant;
    const client = openHttpClient(context, 2_000, keys.operator);
    await client.operation(
      'mutation ($id: ID!) { registerSupervisor(input: {supervisorId: $id}) { supervisor { id } } }',
      {
        id: supervisorIds[0],
      },
    );
    const query =
      'mutation { acquirePluginEndpoint(input: {pluginId: "plugin-never", version: "1", waitSeconds: 300}) { endpoint } }';
    await keepAttacking(context, 2_000, () => client.operation(query));
  },
};
