import { once } from 'node:events';
import { pino } from 'pino';
import { askRunning } from './cli/askRunning.ts';
import { readCommandLine, usage } from './cli/commandLine.ts';
import type { AgentConfig } from './config/agentConfig.ts';
import { checkConfig } from './config/checkConfig.ts';
import { ConfigError } from './config/configError.ts';
import { readConfig } from './config/readConfig.ts';
import { DriverError } from './driver/driverError.ts';
import { runAgent } from './runAgent.ts';

try {
  await runCommand();
} catch (error) {
  const isForOperator = error instanceof ConfigError || error instanceof DriverError;
  process.stderr.write(`agent: ${isForOperator ? error.message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}

async function runCommand(): Promise<void> {
  const command = readCommandLine(process.argv.slice(2), process.env);
  if (command.name === 'help') {
    process.stdout.write(usage);
    return;
  }
  const config = readConfig(command.config);
  if (command.name === 'logs' || command.name === 'drain') {
    if (!(await askRunning(config, command, process.stdout))) process.exitCode = 1;
    return;
  }
  if (command.name === 'run') return runUntilSignal(config);
  checkConfig(config);
  process.stdout.write(`${command.config} is valid\n`);
}

/** G8: a signal ends the agent and none of its plugins; a second one ends it at once. */
async function runUntilSignal(config: AgentConfig): Promise<void> {
  const log = pino({ level: config.logLevel, base: null });
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, () => stopping.abort(name));
  const agent = await runAgent(config, { log });
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  log.info({ signal: stopping.signal.reason }, 'the agent ends; its plugins go on');
  await agent.close();
  process.exit();
}
