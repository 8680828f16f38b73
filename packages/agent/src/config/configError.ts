/** agent.yaml asks for something that can't be; the message names the place, and is meant for its author. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
