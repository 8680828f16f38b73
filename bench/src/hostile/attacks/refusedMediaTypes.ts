import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

/** Subscriptions and mutations in a media type that the server refuses. */
export const refusedMediaTypes: Attack = {
  name: 'refused-media-types',
  family: 'live',
  bounds: [1, 8],
  isRefused: true,
  summary: '32 subscriptions and mutations at a time that are refused with 406',
  run: async (context) => {
    const { tenant } = context.target;
    const client = openHttpClient(context, 32, tenant.keys.operator);
    const subscription = 'subscription ($v: String) { watchPlugins(filter: {version: {ne: $v}}) { type } }';
    const mutation =
      'mutation ($id: ID!, $n: String) { updateSupervisor(input: {supervisorId: $id, name: $n}) { supervisor { id } } }';
    await keepAttacking(context, 32, (turn) =>
      turn % 2 === 0
        ? client.operation(subscription, { v: `${turn}` })
        : client.operation(mutation, { id: tenant.supervisorIds[0], n: `n${turn}` }, { accept: 'text/plain' }),
    );
  },
};
