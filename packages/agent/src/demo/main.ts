import { randomInt } from 'node:crypto';
import { DemoError } from './demoError.ts';
import { formatLine } from './narrator.ts';
import { type DemoSettings, readSettings, usage } from './options.ts';
import { playDemo } from './playDemo.ts';
import { createRandom } from './random.ts';

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Only once: a second one ends the process the hard way.
  process.once(name, () => stopping.abort());
}

try {
  const settings = readSettings(process.argv.slice(2), process.env, randomInt(1_000_000));
  if (settings) await play(settings);
  else process.stdout.write(usage);
} catch (error) {
  console.error(error instanceof DemoError ? error.message : error);
  process.exitCode = 1;
}

async function play({ url, token, rounds, seed, tickMs }: DemoSettings): Promise<void> {
  console.log(`The demo: a fleet of 12 supervisors in 3 domains, at ${url}. Ctrl+C stops it.`);
  console.log(`--seed ${seed} repeats this run.\n`);
  let hasPlayed = false;
  await playDemo({
    url,
    token,
    rounds,
    tickMs,
    random: createRandom(seed),
    narrate: (narration) => {
      hasPlayed ||= narration.domain !== '';
      console.log(formatLine(new Date(), narration));
    },
    signal: stopping.signal,
  });
  console.log(
    `\nStopped.${hasPlayed ? ' The supervisors stay, and become DISCONNECTED once their leases run out.' : ''}`,
  );
}
