export { type FollowOptions, followAssignments } from './assignments.ts';
export {
  type Assignment,
  type JsonObject,
  type ListedPlugin,
  type PluginIdentity,
  type PluginReport,
  type PluginState,
  pluginKey,
  type RejectedPluginReport,
  type SupervisorState,
} from './contract.ts';
export { createGraphqlClient, type GraphqlClient, type GraphqlClientOptions, operation } from './graphqlClient.ts';
export { type KeepPublishingOptions, keepPublishing } from './keepPublishing.ts';
export { RequestError, type TransportCode } from './requestError.ts';
export {
  createSupervisorAgent,
  type PublishAnswer,
  type SupervisorAgent,
  type SupervisorAgentOptions,
} from './supervisorAgent.ts';
