import { DemoError } from './demoError.ts';

/** The demo's settings, from environment variables. */
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

/**
 * Reads the demo's settings.
 *
 * @param defaultSeed the seed if the environment names none
 * @throws DemoError that names the variable, the expected and the actual value
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>, defaultSeed: number): DemoSettings {
  return {
    url: readUrl(env.MUSTER_URL || defaultUrl),
    token: env.MUSTER_TOKEN || undefined,
    tickMs: readInteger(env, 'MUSTER_DEMO_TICK_MS', 1, longestTickMs) ?? defaultTickMs,
    rounds: readInteger(env, 'MUSTER_DEMO_ROUNDS', 1, Number.MAX_SAFE_INTEGER),
    seed: readInteger(env, 'MUSTER_DEMO_SEED', 0, largestSeed) ?? defaultSeed,
  };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new DemoError(
      `MUSTER_URL: expected an http or https URL, such as ${defaultUrl}; got ${JSON.stringify(text)}`,
    );
  }
  // Users often leave out the path of the API.
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

function readInteger(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new DemoError(`${name}: expected a whole number from ${least} to ${most}; got ${JSON.stringify(text)}`);
  }
  return value;
}
