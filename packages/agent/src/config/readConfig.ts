import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type AgentConfig, agentSchema } from './agentConfig.ts';
import { ConfigError } from './configError.ts';

/**
 * Reads agent.yaml and fills in the defaults.
 *
 * @throws ConfigError that names each wrong place, with what was expected there
 */
export function readConfig(file: string): AgentConfig {
  return parseConfig(readText(file, 'the configuration'));
}

/** @throws ConfigError */
export function parseConfig(yaml: string): AgentConfig {
  const document = parseDocument(yaml);
  const [fault] = document.errors;
  if (fault) throw new ConfigError(fault.message);
  const result = agentSchema.safeParse(document.toJS());
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new ConfigError(faults.join('\n'));
}

/**
 * Reads a text, such as a secret, without the line end that editors add.
 *
 * @param subject what the text is, for the message
 * @throws ConfigError if the file can't be read, or is empty
 */
export function readText(file: string, subject: string): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'an error';
    throw new ConfigError(`${subject}: expected a file that can be read; got ${reason} for ${file}`);
  }
  const text = content.replace(/\r?\n$/, '');
  if (text === '') throw new ConfigError(`${subject}: expected a file with a text; got the empty file ${file}`);
  return text;
}
