import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const turns = 4;

/** A filter on the plugins of the supervisors of plugins, many turns deep. */
export const nestedFilters: Attack = {
  name: 'nested-filters',
  family: 'work',
  bounds: [1, 2],
  isRefused: true,
  summary: '12 pages at a time whose filter turns from plugins to supervisors and back, 4 times',
  run: async (context) => {
    const client = openHttpClient(context, 12, context.target.tenant.keys.viewer);
    await keepAttacking(context, 12, (turn) => {
      let filter = `{pluginId: {ne: "x${turn}"}}`;
      for (let depth = 0; depth < turns; depth++) filter = `{supervisor: {plugins: {every: ${filter}}}}`;
      return client.operation(`{ plugins(first: 1, filter: ${filter}) { nodes { id } } }`);
    });
  },
};
