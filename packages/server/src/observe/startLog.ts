import type { Config } from '../config/config.ts';
import { textOf } from '../config/variableText.ts';
import { createLog, type Log } from './log.ts';

/** The log from before the configuration is read: a level that is wrong is refused then. */
export function startLog(environment: NodeJS.ProcessEnv): Log {
  return createLog({ MUSTER_LOG_LEVEL: levelOf(environment) });
}

type Level = Config['MUSTER_LOG_LEVEL'];

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function levelOf(environment: NodeJS.ProcessEnv): Level {
  try {
    const text = textOf(environment, 'MUSTER_LOG_LEVEL');
    return levels.find((level) => level === text) ?? 'info';
  } catch {
    return 'info';
  }
}
