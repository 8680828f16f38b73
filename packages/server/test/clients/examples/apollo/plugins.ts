import { type ApolloClient, gql, type TypedDocumentNode } from '@apollo/client';
import type { Subscription } from 'rxjs';

interface Plugin {
  id: string;
  pluginId: string;
  version: string;
  state: string;
}

export const PLUGINS: TypedDocumentNode<
  { plugins: { edges: { node: Plugin }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } | null },
  { first?: number; after?: string | null }
> = gql`
  query Plugins($first: Int = 20, $after: String) {
    plugins(first: $first, after: $after) {
      edges { node { id pluginId version state } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const WATCH: TypedDocumentNode<
  { watchPlugins: { type: string; cursor: string; pluginInstanceId: string | null; plugin: Plugin | null } },
  { after?: string }
> = gql`
  subscription WatchPlugins($after: Cursor) {
    watchPlugins(after: $after) {
      type
      cursor
      pluginInstanceId
      plugin { id pluginId version state }
    }
  }
`;

/** Keeps the plugins in the cache true until it is unsubscribed from. */
export function keepPlugins(client: ApolloClient, onError: (error: unknown) => void): Subscription {
  let isSynced = false;
  return client.subscribe({ query: WATCH }).subscribe({
    next: ({ data, error }) => {
      if (error) return onError(error);
      // A changed plugin is in the cache by now, under its id.
      const event = data?.watchPlugins;
      if (event?.type === 'SYNCED') isSynced = true;
      if (event?.type === 'REMOVED') {
        const id = client.cache.identify({ __typename: 'Plugin', id: event.pluginInstanceId });
        if (id) client.cache.evict({ id });
        client.cache.gc();
      }
      // Where in a list a new one stands, the server knows.
      if (event?.type === 'SYNCED' || (event?.type === 'ADDED' && isSynced)) {
        client.refetchQueries({ include: [PLUGINS] }).catch(onError);
      }
    },
    error: onError,
  });
}
