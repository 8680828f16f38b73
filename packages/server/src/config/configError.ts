/** The environment asks for something that can't be; the message names the variable, and is meant for its author. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
