export { type Config, readConfig, variables } from './config.ts';
export { createLog, type Log } from './log.ts';
export { type RunningServer, startServer } from './server.ts';
