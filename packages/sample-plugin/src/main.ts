import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { OptionError, type PluginOptions, readOptions, usage } from './options.ts';
import { startPluginServer } from './pluginServer.ts';

/** From SIGTERM until calls under way, such as a health check's stream that nobody ends, are given up. */
const stopWithinMs = 2_000;

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options) await run(options);
  else process.stdout.write(usage);
} catch (error) {
  process.stderr.write(`${error instanceof OptionError ? error.message : error}\n`);
  process.exitCode = 1;
}

/** Plays the plugin to its end. */
async function run(options: PluginOptions): Promise<void> {
  const { port, failAfterSeconds, slowStartSeconds, exitCode } = options;
  const name = `${options.pluginId || 'the sample plugin'} ${options.version}`;
  const say = (text: string) => process.stdout.write(`${name}: ${text}\n`);
  const stopping = new AbortController();
  process.on('SIGTERM', () => {
    say(`SIGTERM, ${options.ignoresSigterm ? 'ignored' : 'stopping'}`);
    if (!options.ignoresSigterm) stopping.abort();
  });
  const { signal } = stopping;
  const stopped = once(signal, 'abort');
  const pause = (seconds: number) => sleep(seconds * 1_000, undefined, { signal }).catch(() => {});

  if (slowStartSeconds > 0) {
    say(`process ${process.pid} listens in ${slowStartSeconds} s`);
    await pause(slowStartSeconds);
  }
  if (signal.aborted) return;
  if (failAfterSeconds === 0) return fail(name, exitCode);
  const server = await startPluginServer({ ...options, port });
  say(`process ${process.pid} listens on port ${server.port}`);
  if (failAfterSeconds === null) await stopped;
  else await pause(failAfterSeconds);
  if (!signal.aborted) return fail(name, exitCode);
  setTimeout(() => process.exit(), stopWithinMs).unref();
  await server.stop();
  say('stopped');
}

function fail(name: string, exitCode: number): void {
  process.stderr.write(`${name}: fails with exit code ${exitCode}, as it was asked to\n`);
  process.exit(exitCode);
}
