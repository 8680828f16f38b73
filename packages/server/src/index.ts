export { type Config, readConfig, variables } from './config/config.ts';
export { createLog, type Log } from './observe/log.ts';
export type { RunningServer } from './server.ts';
export { startServer } from './startServer.ts';
