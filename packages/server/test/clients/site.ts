import { GraphQLClient } from 'graphql-request';

/** A domain of a server that asks for credentials: what its operators and agents do in a test. */
export interface Site {
  /** Where GraphQL answers. */
  readonly url: string;
  /** An OPERATOR's. */
  readonly token: string;
  /** An operation by the operator. */
  ask<Data = Record<string, unknown>>(document: string, variables?: Record<string, unknown>): Promise<Data>;
  /** An agent's report, of one plugin. Returns the supervisor's id. */
  report(hostname: string, state: string, plugin?: Record<string, unknown>): Promise<string>;
  /** The cursor of the newest event. */
  cursor(): Promise<string>;
  /** The same domain, at another address of the server. */
  at(server: string): Site;
}

/** Closes a server that runs open, and makes the domain's keys. @param server its address, without a path */
export async function openSite(server: string): Promise<Site> {
  const url = `${server}/graphql`;
  const clientOf = (token: string) => new GraphQLClient(url, { headers: { authorization: `Bearer ${token}` } });
  const createKey = async (client: GraphQLClient, role: string, domainId: string | null) => {
    const { createApiKey } = await client.request<{ createApiKey: { token: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }',
      { input: { name: role, role, domainId } },
    );
    return createApiKey.token;
  };
  const administrator = clientOf(await createKey(new GraphQLClient(url), 'ADMIN', null));
  const token = await createKey(administrator, 'OPERATOR', 'acme');
  return siteOf(server, token, await createKey(administrator, 'SUPERVISOR', 'acme'));
}

function siteOf(server: string, token: string, agentToken: string): Site {
  const url = `${server}/graphql`;
  const ask = <Data>(document: string, variables: Record<string, unknown> = {}, credential = token) =>
    new GraphQLClient(url, { headers: { authorization: `Bearer ${credential}` } }).request<Data>(document, variables);
  return {
    url,
    token,
    ask: (document, variables) => ask(document, variables),
    report: async (hostname, state, plugin = {}) => {
      const { publishSupervisor } = await ask<{ publishSupervisor: { supervisor: { id: string } } }>(
        'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } } }',
        { input: { name: hostname, hostname, plugins: [{ pluginId: 'collector', version: '1.0', state, ...plugin }] } },
        agentToken,
      );
      return publishSupervisor.supervisor.id;
    },
    at: (address) => siteOf(address, token, agentToken),
    cursor: async () => {
      const { events } = await ask<{ events: { nodes: { cursor: string }[] } }>(
        '{ events(last: 1) { nodes { cursor } } }',
      );
      return events.nodes[0]?.cursor ?? '';
    },
  };
}
