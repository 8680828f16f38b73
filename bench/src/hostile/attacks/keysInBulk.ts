import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Keys that an operator creates without end. */
export const keysInBulk: Attack = {
  name: 'keys-in-bulk',
  family: 'credentials',
  bounds: [4, 5, 6],
  summary: '32 keys at a time that an operator creates',
  run: async (context) => {
    const client = openHttpClient(context, 32, context.target.tenant.keys.operator);
    await keepAttacking(context, 32, (turn) =>
      client.operation(`mutation { createApiKey(input: {name: "k${turn}", role: VIEWER}) { apiKey { id } } }`),
    );
  },
};
