import { BenchError } from './benchError.ts';
import { fanout } from './fanout/main.ts';
import { fleet } from './fleet/main.ts';
import { publish } from './publish/main.ts';
import { reads } from './reads/main.ts';
import { versions } from './versions.ts';
import { wire } from './wire/main.ts';
import { writeResults } from './writeResults.ts';

interface Bench {
  readonly summary: string;
  readonly usage: string;
  /** What was measured, as tables for people. */
  report(args: string[], signal: AbortSignal): Promise<string>;
}

const benches: Readonly<Record<string, Bench>> = { reads, publish, fanout, wire, fleet };

/** The work that Muster and others do beside each other, in the order of the results. */
const sideBySide = { reads, publish, fanout };

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Only once: a second one ends the process the hard way, and leaves a database behind.
  process.once(name, () => stopping.abort(new BenchError('stopped')));
}

try {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) await runAll();
  else await runOne(name, args);
} catch (error) {
  const reason = stopping.signal.aborted ? stopping.signal.reason : error;
  console.error(reason instanceof BenchError ? reason.message : reason);
  process.exitCode = 1;
}

async function runOne(name: string, args: string[]): Promise<void> {
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined) throw new BenchError(usage(name));
  if (args.includes('--help')) return console.log(bench.usage);
  console.log(await versions());
  console.log(`\n${await bench.report(args, stopping.signal)}`);
}

/** All that is measured side by side, with the defaults, into the repository's file too. */
async function runAll(): Promise<void> {
  const parts: string[] = [];
  const tell = (part: string) => {
    parts.push(part);
    console.log(`${part}\n`);
  };
  tell(await versions());
  for (const [name, { report }] of Object.entries(sideBySide)) {
    tell(`== ${name}\n\n${await report([], stopping.signal)}`);
  }
  await writeResults(parts.join('\n\n'));
}

function usage(name: string): string {
  const list = Object.entries(benches).map(([each, { summary }]) => `  ${each.padEnd(8)} ${summary}`);
  return [
    `There is no bench ${JSON.stringify(name)}.`,
    'npx -y pnpm@12 bench                  all that is measured beside other servers, into bench/RESULTS.md',
    'npx -y pnpm@12 bench <name> [--help]',
    ...list,
  ].join('\n');
}
