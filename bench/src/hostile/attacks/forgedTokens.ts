import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** JWTs whose signature is wrong. */
export const forgedTokens: Attack = {
  name: 'forged-tokens',
  family: 'credentials',
  bounds: [11, 12],
  isRefused: true,
  summary: '64 requests at a time, each with another forged JWT',
  run: async (context) => {
    const client = openHttpClient(context, 64);
    await keepAttacking(context, 64, (turn) => {
      const claims = encode({ sub: `mallory${turn}`, role: 'ADMIN' });
      const token = `${encode({ alg: 'HS256', kid: `k${turn}` })}.${claims}.${'A'.repeat(43)}`;
      return client.operation('{ viewer { role } }', {}, { authorization: `Bearer ${token}` });
    });
  },
};
