/** The tabs that a newcomer finds: each works as it stands, whatever is in the database. */
export const examples: readonly string[] = [
  `# The fleet: who is there, and what runs there. Run it with the button beside it, or Ctrl-Enter.
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
  `# Each change as it is committed, the newest first. It goes on while you run Publish in the next tab, or the demo, and resumes after a lost connection, so that no change is lost.
subscription Live($after: Cursor) {
  pluginStateChanged(after: $after) {
    at
    from
    to
    reason
    plugin { pluginId version endpoint supervisorName }
    cursor
  }
}
`,
  `# What an agent does every few seconds. Run it, change ACTIVE to ERROR, and run it again: Live and History show it.
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
  `# What has happened, the newest last.
query History {
  events(last: 20) {
    nodes { at kind from to actor reason supervisorId pluginInstanceId changes cursor }
  }
}
`,
];
