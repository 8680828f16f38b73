import { parseArgs } from 'node:util';

/** How the plugin misbehaves, from its arguments, and who it is, from the variables that an agent gives it. */
export interface PluginOptions {
  /** Where it listens, on all addresses. 0: a free port. */
  readonly port: number;
  readonly pluginId: string;
  readonly version: string;
  /** From listening until it fails; 0: it fails before it listens; null: never. */
  readonly failAfterSeconds: number | null;
  /** From its start until it listens. */
  readonly slowStartSeconds: number;
  /** Goes on at SIGTERM. */
  readonly ignoresSigterm: boolean;
  /** The exit code when it fails. */
  readonly exitCode: number;
}

/** The text of `--help`. */
export const usage = `Usage: muster-sample-plugin [options]

A small real plugin: it serves muster.sample.v1.Collector, grpc.health.v1.Health and reflection by gRPC until SIGTERM.
By default it does well; the options make it a plugin that doesn't.

  --fail-after <seconds>   Fails once it has served for that long; with 0 before it listens.
  --exit-code <number>     The exit code when it fails, 0 to 255. By default 1.
  --slow-start <seconds>   Listens only after that time.
  --ignore-sigterm         Goes on at SIGTERM.
  -h, --help               Prints this.

Variables: PORT, where it listens (by default 50051); MUSTER_PLUGIN_ID and MUSTER_PLUGIN_VERSION, who it is.
`;

const defaultPort = 50_051;
const largestPort = 65_535;
const largestExitCode = 255;
/** A day: longer than anybody waits for a failure. */
const longestSeconds = 86_400;

/** An option or a variable that can't be used. */
export class OptionError extends Error {}

/**
 * Reads what the plugin is to do.
 *
 * @param words the words of the command line
 * @returns null if help is asked for
 * @throws OptionError that names the option or the variable, the expected and the actual value
 */
export function readOptions(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PluginOptions | null {
  const options = parsed(words);
  if (options.help) return null;
  return {
    port: readNumber('PORT', env.PORT, largestPort) ?? defaultPort,
    pluginId: env.MUSTER_PLUGIN_ID ?? '',
    version: env.MUSTER_PLUGIN_VERSION || 'unknown',
    failAfterSeconds: readNumber('--fail-after', options['fail-after'], longestSeconds) ?? null,
    slowStartSeconds: readNumber('--slow-start', options['slow-start'], longestSeconds) ?? 0,
    ignoresSigterm: options['ignore-sigterm'] ?? false,
    exitCode: readNumber('--exit-code', options['exit-code'], largestExitCode) ?? 1,
  };
}

function parsed(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', short: 'h' },
    'fail-after': text,
    'exit-code': text,
    'slow-start': text,
    'ignore-sigterm': { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : error}. See --help.`);
  }
}

function readNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (!text) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) {
    throw new OptionError(`${name}: expected a whole number from 0 to ${most}; got ${JSON.stringify(text)}`);
  }
  return value;
}
