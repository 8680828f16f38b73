import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { parseWholeNumber } from '../parseWholeNumber.ts';

/** The options of `bench console`. */
export interface ConsoleOptions {
  /** Numbers of supervisors; everything is measured with each. */
  readonly sizes: readonly number[];
  /** Number of plugins of each supervisor. */
  readonly plugins: number;
  /** Number of visitors that load the page, whose browsers have kept nothing. */
  readonly loads: number;
  /** Number of changes that are awaited on screen, one after the other. */
  readonly changes: number;
  /** Number of events a second on the rows shown. */
  readonly eventsASecond: number;
  /** Duration of these events, and of the time in which nothing changes. */
  readonly seconds: number;
  /** The most that one number of supervisors may take; past it the next one is measured. */
  readonly minutes: number;
}

/** The options with one number of supervisors. */
export type SizedConsoleOptions = Omit<ConsoleOptions, 'sizes'> & { readonly supervisors: number };

/** The text of `bench console --help`. */
export const usage = `npx -y pnpm@12 bench console [options]
  --supervisors 10000,100000  how many there are; all is measured with each number
  --plugins 5                 how many each of them has
  --loads 5                   how many new visitors load the page
  --changes 100               how many changes are awaited on screen, one after the other
  --events 1000               how many events a second the rows shown get
  --seconds 10                how long they get them, and how long nothing changes
  --minutes 30                how long each number of supervisors may take, with its preparation`;

/** @throws BenchError that names the option, the expected and the actual value */
export function readOptions(args: string[]): ConsoleOptions {
  const values = parse(args);
  return {
    // A page has 50 rows: with fewer, the page would be smaller than those that are asked about.
    sizes: values.supervisors.split(',').map((text) => parseWholeNumber('--supervisors', text, 1_000_000, 50)),
    plugins: parseWholeNumber('--plugins', values.plugins, 100),
    loads: parseWholeNumber('--loads', values.loads, 100),
    changes: parseWholeNumber('--changes', values.changes, 10_000),
    eventsASecond: parseWholeNumber('--events', values.events, 10_000, 50),
    seconds: parseWholeNumber('--seconds', values.seconds, 600),
    minutes: parseWholeNumber('--minutes', values.minutes, 600),
  };
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        supervisors: { type: 'string', default: '10000,100000' },
        plugins: { type: 'string', default: '5' },
        loads: { type: 'string', default: '5' },
        changes: { type: 'string', default: '100' },
        events: { type: 'string', default: '1000' },
        seconds: { type: 'string', default: '10' },
        minutes: { type: 'string', default: '30' },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
