import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions } from 'graphql-yoga';

/** The tabs that a newcomer finds: each works as it stands, whatever is in the database. */
const examples = [
  `# The fleet: who is there, and what runs there. Run it with the button in the middle, or Ctrl-Enter.
query Fleet {
  supervisors(first: 20, orderBy: [{ field: HOSTNAME, direction: ASC }]) {
    totalCount
    nodes {
      id
      domainId
      name
      hostname
      state
      connected
      lastSeenAt
      labels
      plugins(first: 10) {
        nodes { pluginId version state endpoint reason }
      }
    }
  }
  supervisorStats(groupBy: [STATE]) { state count }
  pluginStats(groupBy: [STATE]) { state count }
}
`,
  `# Live: run this, then change something in another tab (or start the demo), and watch.
subscription Live {
  pluginStateChanged {
    at
    from
    to
    reason
    plugin { pluginId version endpoint supervisorName }
    cursor
  }
}
`,
  `# What an agent does every few seconds. Run it, change the state to ERROR, and run it again.
mutation Publish {
  publishSupervisor(input: {
    domainId: "domain-playground"
    name: "playground"
    hostname: "playground-1"
    plugins: [{
      pluginId: "plugin-aws-ec2-inven-collector"
      version: "1.2.2"
      state: ACTIVE
      endpoint: "grpc://172.16.16.130:50051"
    }]
  }) {
    supervisor { id state plugins { nodes { id pluginId state } } }
    rejected { index message }
    nextPublishInMs
  }
}
`,
  `# What has happened, newest last.
query History {
  events(last: 20) {
    nodes { at kind from to actor reason supervisorId pluginInstanceId changes cursor }
  }
}
`,
];

/**
 * How the playground runs. It says nothing of the headers that are set there when it opens a WebSocket, so where a
 * credential is asked for its subscriptions come as server-sent events, with which it does.
 */
export function graphiqlOptions({ open }: { readonly open: boolean }): GraphiQLOptions {
  return {
    title: 'Muster',
    subscriptionsProtocol: open ? 'WS' : 'SSE',
    defaultTabs: examples.map((query) => ({ query })),
  };
}

/** The playground's page, from packages on this machine alone. */
export { renderGraphiQL };
