export { spawnGuarded } from '@muster/db/testing';
export { type AgentClient, createAgent, type ListedPlugin } from './agentClient.ts';
export { type Fleet, fleetOf } from './fleet.ts';
export { type GraphQLReply, graphql } from './graphql.ts';
export {
  beginServer,
  expectNoStart,
  type ProcessEnd,
  type RunAs,
  runCommand,
  runServer,
  type SpawnedServer,
  spawnServer,
} from './process.ts';
export { startProxy, type TestProxy } from './proxy.ts';
export { type Answer, openReflectionClient, type ReflectionClient } from './reflectionClient.ts';
export { refusalCode } from './refusalCode.ts';
export { type RestReply, restClient } from './restClient.ts';
export { openSocket, type SocketMessage, type TestSocket } from './socket.ts';
export { createStorage, type TestStorage } from './storage.ts';
export { openStream, type TestStream } from './stream.ts';
export { startTestServer, type TestServer, type TestServerOptions, useTestServer } from './testServer.ts';
