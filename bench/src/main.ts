import { BenchError } from './benchError.ts';
import { fanout } from './fanout/main.ts';
import { fleet } from './fleet/main.ts';
import { publish } from './publish/main.ts';
import { reads } from './reads/main.ts';
import { wire } from './wire/main.ts';

interface Bench {
  readonly summary: string;
  run(args: string[], signal: AbortSignal): Promise<void>;
}

const benches: Readonly<Record<string, Bench>> = {
  fanout: { summary: 'what it costs to tell one change to thousands of subscribers', run: fanout },
  publish: { summary: "what it costs to take an agent's report, beside other servers", run: publish },
  reads: { summary: 'what it costs to read supervisors and plugins, beside other servers', run: reads },
  wire: { summary: 'what gRPC, REST and GraphQL cost beside each other', run: wire },
  fleet: { summary: 'how many agents one server takes the reports of', run: fleet },
};

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Only once: a second one ends the process the hard way, and leaves a database behind.
  process.once(name, () => stopping.abort(new BenchError('stopped')));
}

try {
  const [name = '', ...args] = process.argv.slice(2);
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined) throw new BenchError(usage(name));
  await bench.run(args, stopping.signal);
} catch (error) {
  const reason = stopping.signal.aborted ? stopping.signal.reason : error;
  console.error(reason instanceof BenchError ? reason.message : reason);
  process.exitCode = 1;
}

function usage(name: string): string {
  const problem = name === '' ? 'Which bench?' : `There is no bench ${JSON.stringify(name)}.`;
  const list = Object.entries(benches).map(([each, { summary }]) => `  ${each}  ${summary}`);
  return [problem, 'npx -y pnpm@12 bench <name> [--help]', ...list].join('\n');
}
