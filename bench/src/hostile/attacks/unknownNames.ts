import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const fields = 4_000;

/** Documents in which every field is unknown, each with another suggestion to look for. */
export const unknownNames: Attack = {
  name: 'unknown-names',
  family: 'documents',
  bounds: [6, 7],
  isRefused: true,
  summary: '16 documents at a time with 4,000 unknown fields each',
  run: async (context) => {
    const client = openHttpClient(context, 16, context.target.tenant.keys.viewer);
    await keepAttacking(context, 16, (turn) => {
      const names = Array.from({ length: fields }, (_, index) => `pluginx${turn}x${index}`);
      return client.operation(`{ plugins { nodes { ${names.join(' ')} } } }`);
    });
  },
};
