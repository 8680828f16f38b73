import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createLiveClient } from '../live.ts';

export function createApolloClient(url: string, token: string): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(createLiveClient(url, token)),
      new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } }),
    ),
    cache: new InMemoryCache({
      typePolicies: {
        Query: {
          fields: {
            // These arguments say which list it is; all others, which page of it.
            supervisors: relayStylePagination(['domainId', 'filter', 'keyword', 'includePublic', 'orderBy']),
            plugins: relayStylePagination(['domainId', 'filter', 'keyword', 'orderBy']),
            events: relayStylePagination(['domainId', 'filter']),
            rollouts: relayStylePagination(['domainId', 'pluginId']),
            // A supervisor that came with a list needs no second request.
            supervisor: (_, { args, toReference }) => toReference({ __typename: 'Supervisor', id: args?.id }),
            plugin: (_, { args, toReference }) => toReference({ __typename: 'Plugin', id: args?.id }),
          },
        },
        Supervisor: {
          fields: { plugins: relayStylePagination(['filter', 'orderBy']), drain: { merge: true } },
        },
      },
    }),
  });
}
