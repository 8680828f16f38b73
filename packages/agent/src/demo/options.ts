import { parseArgs } from 'node:util';
import { DemoError } from './demoError.ts';

/** The demo's settings, from its options and from environment variables. */
export interface DemoSettings {
  readonly url: string;
  readonly token: string | undefined;
  readonly tickMs: number;
  readonly rounds: number | undefined;
  readonly seed: number;
}

const defaultUrl = 'http://127.0.0.1:4000/graphql';
const defaultTickMs = 2_000;
const longestTickMs = 60_000;
const largestSeed = 2 ** 32 - 1;

/** The text of `--help`. */
export const usage = `Usage: npx -y pnpm@12 demo [options]

Plays a fleet of 12 supervisors and their operators in 3 domains against a server that runs, through its public API,
until Ctrl+C. It touches no supervisors but its own. On Linux two real agents join for a while, and run real plugins as processes of
this machine; none of them stays.

  --url <url>          The server. MUSTER_URL; by default ${defaultUrl}.
  --token <text>       The credential, of an ADMIN for no single domain; a server that runs open needs none. Others on this
                       machine can read an option: MUSTER_TOKEN keeps it from them.
  --rounds <number>    Ends after as many rounds. MUSTER_DEMO_ROUNDS; by default it goes on.
  --tick-ms <number>   Milliseconds a round. MUSTER_DEMO_TICK_MS; by default ${defaultTickMs}.
  --seed <number>      Repeats the story of a run, on an empty server. MUSTER_DEMO_SEED; by default a random one.
  -h, --help           Prints this.

Exit codes: 0, stopped or played to the end; 1, not played, with a line on standard error that says why.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that stands in for each option that isn't given. */
const variables = {
  url: 'MUSTER_URL',
  token: 'MUSTER_TOKEN',
  rounds: 'MUSTER_DEMO_ROUNDS',
  'tick-ms': 'MUSTER_DEMO_TICK_MS',
  seed: 'MUSTER_DEMO_SEED',
} as const;
type Option = keyof typeof variables;

/** A setting's text, and the name to give it in a message. */
interface Setting {
  readonly name: string;
  readonly text: string | undefined;
}

/**
 * Reads the demo's settings.
 *
 * @param words the words of the command line
 * @param defaultSeed the seed if neither they nor the environment name one
 * @returns null if help is asked for
 * @throws DemoError that names the option or the variable, the expected and the actual value
 */
export function readSettings(words: readonly string[], env: Environment, defaultSeed: number): DemoSettings | null {
  const options = parsed(words);
  if (options.help) return null;
  const setting = (option: Option): Setting => {
    const given = options[option];
    if (given !== undefined) return { name: `--${option}`, text: given };
    return { name: variables[option], text: env[variables[option]] };
  };
  return {
    url: readUrl(setting('url')),
    token: setting('token').text || undefined,
    tickMs: readInteger(setting('tick-ms'), 1, longestTickMs) ?? defaultTickMs,
    rounds: readInteger(setting('rounds'), 1, Number.MAX_SAFE_INTEGER),
    seed: readInteger(setting('seed'), 0, largestSeed) ?? defaultSeed,
  };
}

function parsed(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    help: { type: 'boolean', short: 'h' },
    url: text,
    token: text,
    rounds: text,
    'tick-ms': text,
    seed: text,
  } as const;
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : error}. See --help.`);
  }
}

function readUrl({ name, text = '' }: Setting): string {
  const url = URL.parse(text || defaultUrl);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new DemoError(`${name}: expected an http or https URL, such as ${defaultUrl}; got ${JSON.stringify(text)}`);
  }
  // Users often leave out the path of the API.
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

function readInteger({ name, text }: Setting, least: number, most: number): number | undefined {
  if (!text) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new DemoError(`${name}: expected a whole number from ${least} to ${most}; got ${JSON.stringify(text)}`);
  }
  return value;
}
