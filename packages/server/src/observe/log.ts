import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config.ts';

/** The server's log (pino). */
export type Log = Logger;

/** Makes a log on standard output: a line of JSON for each entry, or, on a terminal, lines for people. */
export function createLog(config: Pick<Config, 'MUSTER_LOG_LEVEL'>): Log {
  const options = {
    level: config.MUSTER_LOG_LEVEL,
    base: null,
    redact: ['authorization', 'token', 'secretKey', '*.authorization', '*.token', '*.secretKey'],
  };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}
