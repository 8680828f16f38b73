export { type FollowOptions, followAssignments } from './assignments.ts';
export {
  type Assignment,
  type JsonObject,
  type ListedPlugin,
  type PluginIdentity,
  type PluginReport,
  pluginKey,
} from './contract.ts';
export { type KeepPublishingOptions, keepPublishing } from './keepPublishing.ts';
export {
  createSupervisorAgent,
  type PublishAnswer,
  type SupervisorAgent,
  type SupervisorAgentOptions,
} from './supervisorAgent.ts';
