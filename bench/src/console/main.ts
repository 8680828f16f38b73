import type { Bench } from '../bench.ts';
import { BenchError } from '../benchError.ts';
import { formatSize } from '../load/serverBench.ts';
import { startMusterServer } from '../musterServer.ts';
import { createDatabase } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { launchBrowser } from './browser.ts';
import { type ConsoleFigures, measureConsole } from './measure.ts';
import { readOptions, type SizedConsoleOptions, usage } from './options.ts';
import { explanation } from './results.ts';
import { type Tabulated, tabulate } from './tabulate.ts';

/** The bench of the console's list of supervisors, in a browser, beside the figures that are asked of it. */
export const consoleBench: Bench = {
  summary: 'how fast the console shows supervisors and their changes, in a browser',
  usage,
  report: async (args, signal) => {
    const { sizes, ...options } = readOptions(args);
    const tables: Tabulated[] = [];
    for (const supervisors of sizes) {
      console.error(formatSize(supervisors));
      const bound = AbortSignal.timeout(options.minutes * 60_000);
      const table = await tabulate({ ...options, supervisors }, measureFleet, bound, signal);
      console.error(`${table.text}\n`);
      tables.push(table);
    }
    const texts = tables.map(({ text }) => text).join('\n\n');
    if (!tables.some(({ isMeasured }) => isMeasured)) throw new BenchError(texts);
    return `${texts}\n\n${explanation(options)}`;
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
  // Whatever is still asked of a page fails with its browser.
  signal.addEventListener('abort', () => void browser.close(), { once: true });
  return await measureConsole(server, browser, options, signal);
}
