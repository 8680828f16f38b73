import { BenchError } from '../benchError.ts';
import { failuresNamed } from '../failuresNamed.ts';
import { openFilesLimit } from '../procfs.ts';
import { writeResults } from '../writeResults.ts';
import { type Measurement, measure } from './measure.ts';
import { type FanoutOptions, readOptions, usage } from './options.ts';
import { explanation, versions } from './results.ts';
import { formatSeries } from './table.ts';
import { limitName } from './ways.ts';

/** What a process has open besides its subscribers' sockets. */
const otherFiles = 200;

/** Measures all servers side by side, for each number of subscribers, and prints a table of each. */
export async function fanout(args: string[], signal: AbortSignal): Promise<void> {
  if (args.includes('--help')) return console.log(usage);
  const options = readOptions(args);
  await checkOpenFiles(Math.max(...options.subscribers));
  const parts = [await versions()];
  console.log(parts[0]);
  for (const subscribers of options.subscribers) {
    const part = `${subscribers.toLocaleString('en-US')} subscribers\n${await table(subscribers, options, signal)}`;
    console.log(`\n${part}`);
    parts.push(part);
  }
  console.log(`\n${explanation(options)}`);
  if (options.write) await writeResults('fanout', 'Fan-out', [...parts, explanation(options)].join('\n\n'));
}

async function table(subscribers: number, options: FanoutOptions, signal: AbortSignal): Promise<string> {
  const series = options.ways.map((way) => ({ way, label: way.label, rounds: [] as Measurement[] }));
  for (let round = 0; round < options.rounds; round += 1) {
    // Each round begins with another server, so that none always has the same one's aftermath to run in.
    const first = round % series.length;
    for (const { way, rounds } of [...series.slice(first), ...series.slice(0, first)]) {
      signal.throwIfAborted();
      console.error(`round ${round + 1} of ${options.rounds}, ${subscribers} subscribers: ${way.name}`);
      rounds.push(await failuresNamed(way.name, measure(way, subscribers, options, signal)));
    }
  }
  const limit = series.find(({ way }) => way.name === limitName);
  return formatSeries(series, limit);
}

/** Node raises its soft limit to the hard one by itself; beyond that only whoever starts it can. */
async function checkOpenFiles(subscribers: number): Promise<void> {
  const needed = subscribers + otherFiles;
  const limit = await openFilesLimit();
  if (limit >= needed) return;
  throw new BenchError(
    `${subscribers} subscribers need ${needed} open files a process; this shell allows ${limit}. Raise that with "ulimit -n ${needed}" (beyond the hard limit as root, or in /etc/security/limits.conf), or pass fewer --subscribers.`,
  );
}
