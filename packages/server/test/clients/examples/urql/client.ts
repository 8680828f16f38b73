import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { type Cache, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createLiveClient } from '../live.ts';

/** These have no `id` of their own: they belong to what they were read with. */
const withoutId = ['Condition', 'Drain', 'DrainItem', 'PluginWatchEvent', 'SupervisorWatchEvent', 'PluginStateChange'];

export function createUrqlClient(url: string, token: string): Client {
  const live = createLiveClient(url, token);
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [
      cacheExchange({
        keys: Object.fromEntries(withoutId.map((name) => [name, () => null])),
        resolvers: {
          Query: { supervisors: relayPagination(), plugins: relayPagination(), events: relayPagination() },
          Supervisor: { plugins: relayPagination() },
        },
        updates: { Subscription: { watchPlugins: keepPlugins() } },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({ unsubscribe: live.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}

/** Keeps lists of plugins true; a changed plugin is in the cache by now, under its id. */
function keepPlugins() {
  let isSynced = false;
  return ({ watchPlugins: event }: Record<string, unknown>, _: unknown, cache: Cache) => {
    const { type, pluginInstanceId } = event as { type: string; pluginInstanceId: string | null };
    if (type === 'SYNCED') isSynced = true;
    if (type === 'REMOVED') cache.invalidate({ __typename: 'Plugin', id: pluginInstanceId ?? '' });
    // Where in a list a new one stands, the server knows.
    if (type !== 'SYNCED' && (type !== 'ADDED' || !isSynced)) return;
    for (const { fieldName, arguments: args } of cache.inspectFields('Query')) {
      if (fieldName === 'plugins') cache.invalidate('Query', fieldName, args);
    }
  };
}
