import type { Bench } from './bench.ts';
import { BenchError } from './benchError.ts';
import { consoleBench } from './console/main.ts';
import { describeVersions } from './describeVersions.ts';
import { fanout } from './fanout/main.ts';
import { fleet } from './fleet/main.ts';
import { hostile } from './hostile/main.ts';
import { publish } from './publish/main.ts';
import { reads } from './reads/main.ts';
import { start } from './start/main.ts';
import { wire } from './wire/main.ts';
import { writeResults } from './writeResults.ts';

const benches: Readonly<Record<string, Bench>> = {
  reads,
  publish,
  fanout,
  wire,
  fleet,
  start,
  hostile,
  console: consoleBench,
};

/** The benches of the work that other servers do too, in the order of the results. */
const sideBySide = { reads, publish, fanout };

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Only once: a second signal ends the process at once, and leaves a database behind.
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
  console.log(await describeVersions());
  console.log(`\n${await bench.report(args, stopping.signal)}`);
}

/** Runs all benches beside other servers, with their defaults, and writes the results into the repository. */
async function runAll(): Promise<void> {
  const parts: string[] = [];
  const print = (part: string) => {
    parts.push(part);
    console.log(`${part}\n`);
  };
  print(await describeVersions());
  for (const [name, { report }] of Object.entries(sideBySide)) {
    print(`== ${name}\n\n${await report([], stopping.signal)}`);
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
