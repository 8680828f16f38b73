import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const directivesADocument = 5_000;

/** Documents with a directive many times at one place. */
export const directives: Attack = {
  name: 'directives',
  family: 'documents',
  bounds: [6, 7],
  isRefused: true,
  summary: '16 documents at a time with 5,000 directives on a field',
  run: async (context) => {
    const client = openHttpClient(context, 16, context.target.tenant.keys.viewer);
    await keepAttacking(context, 16, (turn) =>
      client.operation(`query Q${turn} { viewer { role ${'@skip(if: false) '.repeat(directivesADocument)} } }`),
    );
  },
};
