/** The part of Muster's schema that the bench's mutation touches. */
export const typeDefs = /* GraphQL */ `
  enum PluginState { NONE PROVISIONING ACTIVE RE_PROVISIONING ERROR }
  enum SupervisorState { NONE PENDING ENABLED DISABLED DISCONNECTED }
  input PluginReportInput {
    pluginId: String!
    version: String!
    state: PluginState!
    endpoint: String
    endpoints: [String!]
    message: String
  }
  input PublishSupervisorInput {
    domainId: ID!
    name: String!
    hostname: String!
    plugins: [PluginReportInput!]!
  }
  type Supervisor { id: ID! state: SupervisorState! }
  type RejectedPluginReport { index: Int! }
  type PublishSupervisorPayload {
    supervisor: Supervisor!
    nextPublishInMs: Int!
    rejected: [RejectedPluginReport!]!
  }
  type Query { hello: String }
  type Mutation { publishSupervisor(input: PublishSupervisorInput!): PublishSupervisorPayload! }
`;
