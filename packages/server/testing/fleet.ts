import { graphql } from './graphql.ts';

/** Operations by which tests cause changes; each throws on any error. */
export interface Fleet {
  /** One agent's report, of one plugin; returns the supervisor's id. */
  report(hostname: string, state: string, plugin?: Record<string, unknown>): Promise<string>;
  /** The cursor of the newest event. */
  cursor(): Promise<string>;
  /** An operation whose data is needed. */
  ask<Data = Record<string, unknown>>(query: string, variables?: Record<string, unknown>): Promise<Data>;
}

/** Speaks for one domain. */
export function fleetOf(url: string, domainId: string): Fleet {
  async function ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const { data, errors } = await graphql<Data>(url, query, variables);
    if (errors || !data) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data;
  }
  return {
    ask,
    report: async (hostname, state, plugin = {}) => {
      const plugins = [{ pluginId: 'collector', version: '1.0', state, ...plugin }];
      const data = await ask<{ publishSupervisor: { supervisor: { id: string } } }>(
        'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } } }',
        { input: { domainId, name: hostname, hostname, plugins } },
      );
      return data.publishSupervisor.supervisor.id;
    },
    cursor: async () => {
      const data = await ask<{ events: { nodes: { cursor: string }[] } }>('{ events(last: 1) { nodes { cursor } } }');
      const [newest] = data.events.nodes;
      if (!newest) throw new Error('there is no event yet');
      return newest.cursor;
    },
  };
}
