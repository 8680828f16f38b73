export { type Config, readConfig, variables } from './config/config.ts';
export { createLog, type Log } from './observe/log.ts';
export { type RunningServer, startServer } from './server.ts';
