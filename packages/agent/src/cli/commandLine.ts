import { parseArgs } from 'node:util';
import { ConfigError } from '../config/configError.ts';

/** A command of the agent, with its arguments. */
export type Command =
  | { readonly name: 'run' | 'check' | 'help'; readonly config: string }
  | { readonly name: 'drain'; readonly config: string }
  | {
      readonly name: 'logs';
      readonly config: string;
      readonly pluginId: string;
      readonly version: string | null;
      readonly tail: number;
      readonly follow: boolean;
    };

/** The text of `--help`. */
export const usage = `Runs the plugins that a Muster server wants on this host.

  agent [run]            runs the agent until SIGTERM or SIGINT; its plugins go on without it
  agent check            reads the configuration and the files that it names, says what is wrong, and ends
  agent logs <plugin>    shows the last lines of a plugin of the agent that runs here
  agent drain --local    has the agent that runs here stop all its plugins; it starts none until it starts anew

  --config <file>        the configuration (MUSTER_AGENT_CONFIG; default /etc/muster-agent/agent.yaml)
  -f, --follow           logs: goes on with what is written later
  -n, --tail <lines>     logs: how many lines to begin with (default 100)
  --version <version>    logs: the version, where several run
`;

const defaultConfig = '/etc/muster-agent/agent.yaml';

/** Reads a command line. @throws ConfigError that says what was expected */
export function readCommandLine(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const { values, positionals } = parse(args);
  const config = values.config ?? environment.MUSTER_AGENT_CONFIG ?? defaultConfig;
  if (values.help) return { name: 'help', config };
  const [name = 'run', pluginId, ...others] = positionals;
  if (others.length > 0) throw new ConfigError(`expected no more arguments; got ${others.join(' ')}`);
  if (name === 'logs') {
    if (pluginId === undefined) throw new ConfigError('expected the id of a plugin after logs; got none');
    const { version = null, follow = false } = values;
    return { name, config, pluginId, version, tail: readLines(values.tail), follow };
  }
  if (pluginId !== undefined) throw new ConfigError(`expected no argument after ${name}; got ${pluginId}`);
  switch (name) {
    case 'run':
    case 'check':
      return { name, config };
    case 'drain':
      // Muster drains supervisors, too, and moves their plugins: this is another thing.
      if (!values.local) throw new ConfigError('expected --local after drain, which stops the plugins and moves none');
      return { name, config };
    default:
      throw new ConfigError(`expected run, check, logs or drain; got ${name}`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        follow: { type: 'boolean', short: 'f' },
        tail: { type: 'string', short: 'n' },
        version: { type: 'string' },
        local: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
}

function readLines(text = '100'): number {
  const lines = Number(text);
  if (!Number.isSafeInteger(lines) || lines < 0)
    throw new ConfigError(`--tail: expected a number of lines; got ${text}`);
  return lines;
}
