/** The part of Muster's schema that the bench asks for. */
export const typeDefs = /* GraphQL */ `
  scalar DateTime
  enum PluginState { NONE PROVISIONING ACTIVE RE_PROVISIONING ERROR }
  enum SupervisorState { NONE PENDING ENABLED DISABLED DISCONNECTED }
  type Plugin {
    id: ID!
    pluginId: String!
    version: String!
    state: PluginState!
    endpoint: String
    generation: Int!
  }
  type PluginConnection { nodes: [Plugin!]! }
  type Supervisor {
    id: ID!
    domainId: ID!
    name: String!
    hostname: String!
    state: SupervisorState!
    isPublic: Boolean!
    priority: Int!
    createdAt: DateTime!
    plugins(first: Int!): PluginConnection!
  }
  type SupervisorConnection { totalCount: Int! nodes: [Supervisor!]! }
  type SupervisorStat { state: SupervisorState count: Int! }
  enum SupervisorGroupKey { STATE }
  type Query {
    supervisor(id: ID!): Supervisor
    supervisors(first: Int!): SupervisorConnection!
    supervisorStats(groupBy: [SupervisorGroupKey!]!): [SupervisorStat!]!
  }
`;

/** The serializer of instants. */
export const DateTime = { serialize: (value: Date) => value.toISOString() };
