import type { Attack } from '../attack.ts';
import { openHttpClient } from '../clients/http.ts';
import { keepAttacking } from '../keepAttacking.ts';

const fragments = 300;

/** Documents of fragments that select the same field, each with every other to compare. */
export const overlappingFragments: Attack = {
  name: 'overlapping-fragments',
  family: 'documents',
  bounds: [6, 7],
  summary: '16 documents at a time with 300 fragments that overlap',
  run: async (context) => {
    const client = openHttpClient(context, 16, context.target.tenant.keys.viewer);
    await keepAttacking(context, 16, (turn) => {
      const names = Array.from({ length: fragments }, (_, index) => `F${turn}x${index}`);
      const spreads = names.map((name) => `...${name}`).join(' ');
      const bodies = names.map(
        (name) => `fragment ${name} on Viewer { role subject domainId conditions { type since } }`,
      );
      return client.operation(`{ viewer { ${spreads} } } ${bodies.join(' ')}`);
    });
  },
};
