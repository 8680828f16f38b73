import type { IncomingMessage } from 'node:http';
import type { AgentConfig } from '../config/agentConfig.ts';
import { ConfigError } from '../config/configError.ts';
import { askAgent } from '../local/askAgent.ts';
import { socketIn } from '../local/controlSocket.ts';
import type { Command } from './commandLine.ts';

/**
 * Asks the agent that runs on this host, and writes its answer as it comes.
 *
 * @returns whether it could do what was asked
 * @throws ConfigError if no agent answers
 */
export async function askRunning(
  config: AgentConfig,
  command: Extract<Command, { name: 'logs' | 'drain' }>,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const answer = await ask(config, command);
  for await (const chunk of answer) output.write(chunk);
  return answer.statusCode === 200;
}

async function ask(
  { stateFolder }: AgentConfig,
  command: Extract<Command, { name: 'logs' | 'drain' }>,
): Promise<IncomingMessage> {
  try {
    if (command.name === 'drain') return await askAgent(socketIn(stateFolder), 'POST', '/drain');
    const { pluginId, version, tail, follow } = command;
    const query = new URLSearchParams({ pluginId, tail: String(tail), follow: String(follow) });
    if (version !== null) query.set('version', version);
    return await askAgent(socketIn(stateFolder), 'GET', `/logs?${query}`);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error;
    throw new ConfigError(`expected an agent that runs with the state folder ${stateFolder}; got ${reason}`);
  }
}
