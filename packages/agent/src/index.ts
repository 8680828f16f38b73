export { type FollowOptions, followAssignments } from './assignments.ts';
export type {
  AgentConfig,
  DockerConfig,
  KubernetesConfig,
  ProcessConfig,
  RegistriesConfig,
} from './config/agentConfig.ts';
export { ConfigError } from './config/configError.ts';
export type { PluginConfig } from './config/pluginConfig.ts';
export { readConfig, readText } from './config/readConfig.ts';
export {
  type Assignment,
  type JsonObject,
  type ListedPlugin,
  type PluginIdentity,
  type PluginReport,
  pluginKey,
} from './contract.ts';
export type {
  Driver,
  DriverKind,
  DriverOwner,
  ImageStore,
  LogOptions,
  PullOptions,
  StoredImage,
} from './driver/driver.ts';
export { DriverError, type DriverErrorCode } from './driver/driverError.ts';
export { type Identity, identityOf, labelNames, labelsOf } from './driver/identity.ts';
export type { Observed, ObservedPort } from './driver/observed.ts';
export {
  type HealthSpec,
  type Limits,
  type PullPolicy,
  portVariables,
  type RunSpec,
  type SpecPort,
} from './driver/runSpec.ts';
export { type KeepPublishingOptions, keepPublishing } from './keepPublishing.ts';
export {
  createSupervisorAgent,
  type PublishAnswer,
  type SupervisorAgent,
  type SupervisorAgentOptions,
} from './supervisorAgent.ts';
