import type { AgentConfig } from './agentConfig.ts';
import { readText } from './readConfig.ts';

/**
 * Reads every file that agent.yaml names.
 *
 * @throws ConfigError for the first that can't be read
 */
export function checkConfig({ server, registries, secrets }: AgentConfig): void {
  const files = [
    ['server.tokenFile', server.tokenFile],
    ['server.enrollmentKeyFile', server.enrollmentKeyFile],
    ['server.secretKeyFile', server.secretKeyFile],
    ...Object.entries(registries).map(([host, { passwordFile }]) => [`registries.${host}.passwordFile`, passwordFile]),
    ...Object.entries(secrets).map(([name, { file }]) => [`secrets.${name}.file`, file]),
  ] as const;
  for (const [place, file] of files) if (file !== undefined) readText(file, String(place));
}
