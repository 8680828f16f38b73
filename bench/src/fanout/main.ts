import type { Bench } from '../bench.ts';
import { BenchError } from '../benchError.ts';
import { openFilesLimit } from '../procfs.ts';
import { sideBySide } from '../sideBySide.ts';
import { measure } from './measure.ts';
import { readOptions, usage } from './options.ts';
import { explanation } from './results.ts';
import { formatSeries } from './table.ts';
import { limitName, type Way } from './ways.ts';

/** Files that a process has open besides its subscribers' sockets. */
const otherFiles = 200;

/** The bench of events for many subscribers, servers side by side: a table of each number of subscribers. */
export const fanout: Bench = {
  summary: 'what it costs to tell one change to thousands of subscribers',
  usage,
  report: async (args, signal) => {
    const options = readOptions(args);
    await checkOpenFiles(Math.max(...options.subscribers));
    const tables: string[] = [];
    for (const subscribers of options.subscribers) {
      const title = `${subscribers.toLocaleString('en-US')} subscribers`;
      const work = (way: Way) => measure(way, subscribers, options, signal);
      const courses = await sideBySide(`fanout, ${title}`, options.ways, options.rounds, work, signal);
      tables.push(`${title}\n${formatSeries(courses, limitName)}`);
    }
    return [...tables, explanation(options)].join('\n\n');
  },
};

/** Node raises its soft limit to the hard limit by itself; only the shell that starts it can raise the hard limit. */
async function checkOpenFiles(subscribers: number): Promise<void> {
  const needed = subscribers + otherFiles;
  const limit = await openFilesLimit();
  if (limit >= needed) return;
  throw new BenchError(
    `${subscribers} subscribers need ${needed} open files a process; this shell allows ${limit}. Raise that with "ulimit -n ${needed}" (beyond the hard limit as root, or in /etc/security/limits.conf), or pass fewer --subscribers.`,
  );
}
