import { readFileSync } from 'node:fs';
import { ConfigError } from './configError.ts';

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The suffix of the variables that name a file in place of a text, as secrets are mounted in containers. */
export const fileSuffix = '_FILE';

/**
 * O10: the text of a variable, from the environment or from the file that `NAME_FILE` names, without the line end that
 * editors add.
 *
 * @returns undefined if neither is set
 * @throws ConfigError if one is set and empty, both are set, or the file can't be read
 */
export function textOf(environment: Environment, name: string): string | undefined {
  const fileName = name + fileSuffix;
  const text = notEmpty(environment, name);
  const file = notEmpty(environment, fileName);
  if (file === undefined) return text;
  if (text !== undefined) throw new ConfigError(`${name}: expected it or ${fileName}; got both`);
  const content = read(file, fileName).replace(/\r?\n$/, '');
  if (content === '') throw new ConfigError(`${fileName}: expected a file with a text; got the empty file ${file}`);
  return content;
}

/** An empty text is a mistake most often: of a template, or of a secret that is missing. */
function notEmpty(environment: Environment, name: string): string | undefined {
  const text = environment[name];
  if (text === '') throw new ConfigError(`${name}: expected a text, or a variable that is not set; got an empty one`);
  return text;
}

function read(file: string, fileName: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'an error';
    throw new ConfigError(`${fileName}: expected a file that can be read; got ${reason} for ${file}`);
  }
}
