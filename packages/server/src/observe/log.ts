import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config.ts';

/** The server's log (pino). */
export type Log = Logger;

type LogConfig = Pick<Config, 'MUSTER_LOG_LEVEL' | 'MUSTER_LOG_FORMAT'>;

/** Whether the log is for people; else for machines. */
export function isForPeople(config: Pick<LogConfig, 'MUSTER_LOG_FORMAT'>): boolean {
  return (config.MUSTER_LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json')) === 'pretty';
}

/** Makes a log on standard output: a line of JSON for each entry, or lines for people. */
export function createLog(config: LogConfig): Log {
  const options = {
    level: config.MUSTER_LOG_LEVEL,
    base: null,
    redact: ['authorization', 'token', 'secretKey', '*.authorization', '*.token', '*.secretKey'],
  };
  if (!isForPeople(config)) return pino(options);
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}
