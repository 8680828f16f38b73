import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Publishes that guess the secret of another agent of the domain. */
export const wrongSecrets: Attack = {
  name: 'wrong-secrets',
  family: 'credentials',
  bounds: [4, 6, 11],
  isRefused: true,
  summary: '64 publishes at a time that guess an agent’s secret',
  run: async (context) => {
    const client = openHttpClient(context, 64, context.target.tenant.keys.agent);
    const query = 'mutation ($i: PublishSupervisorInput!) { publishSupervisor(input: $i) { supervisor { id } } }';
    const publish = (secretKey: string) =>
      client.operation(query, { i: { name: 'guarded', hostname: 'guarded.invalid', secretKey } });
    await publish('the-secret-of-the-guarded-agent');
    await keepAttacking(context, 64, (turn) => publish(`guess-number-${turn}-of-the-secret`));
  },
};
