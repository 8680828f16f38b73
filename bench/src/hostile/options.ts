import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { parseWholeNumber } from '../parseWholeNumber.ts';
import type { Attack } from './attack.ts';
import { attacks } from './attacks.ts';

/** The options of `bench hostile`. */
export interface HostileOptions {
  readonly seconds: number;
  /** Duration of the phase without an attack that each attack is compared with. */
  readonly quietSeconds: number;
  /** Duration of the work before the quiet phase, in which the server's code is compiled. */
  readonly warmUpSeconds: number;
  readonly supervisors: number;
  readonly plugins: number;
  /** Number of gets and of publishes a second of the innocent tenant. */
  readonly rate: number;
  readonly attacks: readonly Attack[];
  /** Whether the results replace those in the repository. */
  readonly write: boolean;
}

/** The text of `bench hostile --help`. */
export const usage = `npx -y pnpm@12 bench hostile [options]
  --seconds 20         how long each attack lasts
  --quiet 10           how long the innocent tenant is measured before each attack, and 5 s after it
  --warm-up 5          how long the innocent tenant works before that
  --supervisors 1000   how many there are, of four tenants
  --plugins 10         how many each of them has
  --rate 20            how many gets, and publishes, a second the innocent tenant makes; half as many lists
  --only a,b           only these attacks
  --write              put the results into bench/RESULTS-hostile.md

attacks:
${attacks.map(({ name, summary, bounds }) => `  ${name.padEnd(24)} ${summary} (${bounds.map((bound) => `W${bound}`).join(', ')})`).join('\n')}`;

/** @throws BenchError that names the option, the expected and the actual value */
export function readOptions(args: string[]): HostileOptions {
  const values = parse(args);
  return {
    seconds: parseWholeNumber('--seconds', values.seconds, 600),
    quietSeconds: parseWholeNumber('--quiet', values.quiet, 600),
    warmUpSeconds: parseWholeNumber('--warm-up', values['warm-up'], 600, 0),
    supervisors: parseWholeNumber('--supervisors', values.supervisors, 100_000, 100),
    plugins: parseWholeNumber('--plugins', values.plugins, 100),
    rate: parseWholeNumber('--rate', values.rate, 1_000, 2),
    attacks: values.only === undefined ? attacks : values.only.split(',').map(findAttack),
    write: values.write,
  };
}

function findAttack(text: string): Attack {
  const found = attacks.find(({ name }) => name === text);
  if (found) return found;
  throw new BenchError(
    `--only: expected some of ${attacks.map(({ name }) => name).join(', ')}; got ${JSON.stringify(text)}`,
  );
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '20' },
        quiet: { type: 'string', default: '10' },
        'warm-up': { type: 'string', default: '5' },
        supervisors: { type: 'string', default: '1000' },
        plugins: { type: 'string', default: '10' },
        rate: { type: 'string', default: '20' },
        only: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
