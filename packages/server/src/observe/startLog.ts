import type { Config } from '../config/config.ts';
import { textOf } from '../config/variableText.ts';
import { createLog, type Log } from './log.ts';

const levels: readonly Config['MUSTER_LOG_LEVEL'][] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const formats: readonly NonNullable<Config['MUSTER_LOG_FORMAT']>[] = ['json', 'pretty'];

/** The log from before the configuration is read: a level or a format that is wrong is refused then. */
export function startLog(environment: NodeJS.ProcessEnv): Log {
  return createLog({
    MUSTER_LOG_LEVEL: oneOf(levels, environment, 'MUSTER_LOG_LEVEL') ?? 'info',
    MUSTER_LOG_FORMAT: oneOf(formats, environment, 'MUSTER_LOG_FORMAT'),
  });
}

function oneOf<Value extends string>(
  values: readonly Value[],
  environment: NodeJS.ProcessEnv,
  name: string,
): Value | undefined {
  try {
    const text = textOf(environment, name);
    return values.find((value) => value === text);
  } catch {
    return undefined;
  }
}
