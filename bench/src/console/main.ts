import type { Bench } from '../bench.ts';
import { formatSize } from '../load/serverBench.ts';
import { startMusterServer } from '../musterServer.ts';
import { createDatabase } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { launchBrowser } from './browser.ts';
import { type ConsoleFigures, measureConsole } from './measure.ts';
import { readOptions, type SizedConsoleOptions, usage } from './options.ts';
import { explanation, formatConsole } from './results.ts';

/** The bench of the console's list of supervisors, in a browser, beside the figures that are asked of it. */
export const consoleBench: Bench = {
  summary: 'how fast the console shows supervisors and their changes, in a browser',
  usage,
  report: async (args, signal) => {
    const { sizes, ...options } = readOptions(args);
    const tables: string[] = [];
    for (const supervisors of sizes) {
      console.error(formatSize(supervisors));
      const sized = { ...options, supervisors };
      tables.push(formatConsole(await measureFleet(sized, signal), sized));
    }
    return [...tables, explanation(options)].join('\n\n');
  },
};

async function measureFleet(options: SizedConsoleOptions, signal: AbortSignal): Promise<ConsoleFigures> {
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase();
  undo.defer(() => database.drop());
  await seed(database.url, options.supervisors, options.plugins, signal);
  const server = await startMusterServer(database.url, signal);
  undo.defer(() => server.stop());
  const browser = await launchBrowser();
  undo.defer(() => browser.close());
  return await measureConsole(server, browser, options, signal);
}
