import { ClientError, type GraphQLClient } from 'graphql-request';
import {
  SupervisorsDocument,
  type SupervisorsQuery,
  type SupervisorsQueryVariables,
} from '../codegen/generated/graphql.ts';
import { pause } from '../resume.ts';

type Supervisor = NonNullable<SupervisorsQuery['supervisors']>['nodes'][number];

/** All supervisors that match, page by page. */
export async function* supervisors(
  client: GraphQLClient,
  filter: SupervisorsQueryVariables['filter'],
): AsyncGenerator<Supervisor> {
  let after: string | null | undefined;
  do {
    const { supervisors: page } = await retried(() => client.request(SupervisorsDocument, { filter, after }));
    yield* page?.nodes ?? [];
    after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
}

/** Repeats what may be repeated, such as a query, while the server is away or asks for patience. */
async function retried<Data>(ask: () => Promise<Data>): Promise<Data> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const extensions = error instanceof ClientError ? error.response.errors?.[0]?.extensions : undefined;
      const isAway = !(error instanceof ClientError);
      if (!isAway && extensions?.code !== 'UNAVAILABLE' && extensions?.code !== 'RATE_LIMITED') throw error;
      await pause(tries, Number(extensions?.retryAfterMs ?? 0));
    }
  }
}
