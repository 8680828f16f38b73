import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const variables = 3_000;

/** Documents with variables that nothing uses, each of which is an error. */
export const unusedVariables: Attack = {
  name: 'unused-variables',
  family: 'documents',
  bounds: [6, 7],
  isRefused: true,
  summary: '16 documents at a time with 3,000 unused variables each',
  run: async (context) => {
    const client = openHttpClient(context, 16, context.target.tenant.keys.viewer);
    await keepAttacking(context, 16, (turn) => {
      const names = Array.from({ length: variables }, (_, index) => `$v${turn}x${index}: Int`);
      return client.operation(`query (${names.join(' ')}) { viewer { role } }`);
    });
  },
};
