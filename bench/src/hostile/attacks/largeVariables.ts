import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const bytes = 4 * 1024 * 1024 - 1_024;
const wrong = '{"a":0},';

/** Variables of 4 MiB, all of whose values are wrong. */
export const largeVariables: Attack = {
  name: 'large-variables',
  family: 'documents',
  bounds: [6, 7],
  isRefused: true,
  summary: '8 requests at a time with 4 MiB of wrong variables',
  run: async (context) => {
    const client = openHttpClient(context, 8, context.target.tenant.keys.viewer);
    const values = wrong.repeat(Math.floor(bytes / wrong.length)).slice(0, -1);
    const query = 'query ($f: [PluginFilter!]) { plugins(filter: {or: $f}) { totalCount } }';
    const body = Buffer.from(`{"query":${JSON.stringify(query)},"variables":{"f":[${values}]}}`);
    await keepAttacking(context, 8, () => client.send({ body }));
  },
};
