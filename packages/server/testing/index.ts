export { type Fleet, fleetOf } from './fleet.ts';
export { type GraphQLReply, graphql } from './graphql.ts';
export { expectNoStart, type ProcessEnd, type SpawnedServer, spawnServer } from './process.ts';
export { startProxy, type TestProxy } from './proxy.ts';
export { startTestServer, type TestServer } from './server.ts';
export { openSocket, type SocketMessage, type TestSocket } from './socket.ts';
export { createStorage, type TestStorage } from './storage.ts';
export { openStream, type TestStream } from './stream.ts';
