import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** API keys that don't exist. */
export const wrongKeys: Attack = {
  name: 'wrong-keys',
  family: 'credentials',
  bounds: [11],
  isRefused: true,
  summary: '64 requests at a time, each with another API key that does not exist',
  run: async (context) => {
    const client = openHttpClient(context, 64);
    await keepAttacking(context, 64, (turn) => {
      const id = turn.toString(16).padStart(12, '0');
      const headers = { authorization: `Bearer muster_${id}_${'A'.repeat(43)}` };
      return client.operation('{ viewer { role } }', {}, headers);
    });
  },
};
