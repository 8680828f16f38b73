import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Counts by every key at once, so that each row is a group. */
export const statistics: Attack = {
  name: 'statistics',
  family: 'work',
  bounds: [1, 4, 5, 6],
  summary: '64 counts at a time of plugins by five keys, and of supervisors over REST',
  run: async (context) => {
    const client = openHttpClient(context, 64, context.target.tenant.keys.viewer);
    const query =
      '{ pluginStats(groupBy: [SUPERVISOR_ID, PLUGIN_ID, VERSION, STATE, MANAGED]) { supervisorId pluginId version state managed count } }';
    const keys = ['supervisor_id', 'hostname', 'name', 'state'].map((key) => ({ key, name: key }));
    const fields = [{ name: 'count', operator: 'count' }];
    const body = JSON.stringify({ query: { aggregate: [{ group: { keys, fields } }] } });
    await keepAttacking(context, 64, (turn) =>
      turn % 2 === 0 ? client.operation(query) : client.send({ path: '/plugin/v1/supervisors/stat', body }),
    );
  },
};
