import { parseArgs } from 'node:util';
import { BenchError } from '../benchError.ts';
import { parseWholeNumber } from '../parseWholeNumber.ts';

/** The options of `bench fleet`. */
export interface FleetOptions {
  /** Size of the largest fleet; smaller fleets follow until one is served well. */
  readonly supervisors: number;
  /** Number of plugins in each report. */
  readonly plugins: number;
  readonly intervalMs: number;
  readonly seconds: number;
  /** Percentage of reports with a change. */
  readonly changedPercent: number;
  /** Maximum number of connections that the agents share. */
  readonly connections: number;
  /** Time within which 99 % of the reports must be answered. */
  readonly p99Ms: number;
}

/** The text of `bench fleet --help`. */
export const usage = `npx -y pnpm@12 bench fleet [options]
  --supervisors 10000  how many there are; fewer are tried until p99 is met
  --plugins 20         how many each of them reports
  --interval 10        how many seconds lie between two reports of one
  --seconds 30         how long a fleet is measured, after one interval that isn't
  --changed 5          how many reports in a hundred say that a plugin's state changed
  --connections 1000   the most connections that they share, as through a proxy
  --p99 250            the milliseconds within which 99 of a hundred reports must be answered`;

/** @throws BenchError that names the option, the expected and the actual value */
export function readOptions(args: string[]): FleetOptions {
  const values = parse(args);
  return {
    supervisors: parseWholeNumber('--supervisors', values.supervisors, 200_000),
    plugins: parseWholeNumber('--plugins', values.plugins, 1_000),
    intervalMs: parseWholeNumber('--interval', values.interval, 3_600) * 1_000,
    seconds: parseWholeNumber('--seconds', values.seconds, 3_600),
    changedPercent: parseWholeNumber('--changed', values.changed, 100, 0),
    connections: parseWholeNumber('--connections', values.connections, 20_000),
    p99Ms: parseWholeNumber('--p99', values.p99, 10_000),
  };
}

/** The size to try after a fleet that was too large: a fifth smaller, in hundreds; undefined after the smallest. */
export function smallerFleet(supervisors: number): number | undefined {
  const smaller = Math.floor((supervisors * 0.8) / 100) * 100;
  return smaller > 0 ? smaller : undefined;
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        supervisors: { type: 'string', default: '10000' },
        plugins: { type: 'string', default: '20' },
        interval: { type: 'string', default: '10' },
        seconds: { type: 'string', default: '30' },
        changed: { type: 'string', default: '5' },
        connections: { type: 'string', default: '1000' },
        p99: { type: 'string', default: '250' },
      },
    });
    return values;
  } catch (error) {
    throw new BenchError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}
