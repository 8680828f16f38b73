import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const fields = ['pluginId', 'version', 'endpoint', 'message', 'reason', 'supervisorId', 'id', 'domainId'];
const operators = ['eq', 'ne', 'contains', 'startsWith', 'endsWith'];

/** Filters of ever another shape, so that each needs another prepared statement. */
export const madeUpFilters: Attack = {
  name: 'made-up-filters',
  family: 'work',
  bounds: [12],
  summary: '32 pages at a time, each with a filter of another shape',
  run: async (context) => {
    const client = openHttpClient(context, 32, context.target.tenant.keys.viewer);
    const query = 'query ($f: PluginFilter) { plugins(first: 1, filter: $f) { nodes { id } } }';
    const shapes = fields.length * operators.length;
    await keepAttacking(context, 32, (turn) => {
      const conditions: object[] = [];
      for (let rest = turn + 1; rest > 0; rest = Math.floor(rest / shapes)) {
        const field = fields[rest % fields.length] ?? 'id';
        const operator = operators[Math.floor(rest / fields.length) % operators.length] ?? 'eq';
        conditions.push({ [field]: { [operator]: 'x' } });
      }
      return client.operation(query, { f: { or: conditions } });
    });
  },
};
