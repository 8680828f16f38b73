import { newApiKey } from '@muster/core';
import { readConfig, unknownVariables } from '../config/config.ts';
import { textOfFailure } from '../startFailure.ts';
import { type Command, readCommand, usage } from './command.ts';
import { doctor } from './doctor.ts';
import { migrateDatabase } from './migrate.ts';
import type { Output } from './output.ts';
import { runInDomain } from './run.ts';

const output: Output = {
  out: (line) => void process.stdout.write(`${line.trimEnd()}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
};

/** Runs the command of the command line; returns the exit code. */
async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === 'doctor') return doctor(process.env, output);
  await run(command);
  return 0;
}

async function run(command: Exclude<Command, { kind: 'doctor' }>): Promise<void> {
  if (command.kind === 'help') return output.out(usage);
  if (command.kind === 'generate') return output.out(newApiKey());
  const config = readConfig(process.env);
  for (const warning of unknownVariables(process.env)) output.say(warning);
  if (command.kind === 'migrate') await migrateDatabase(config, output);
  else await runInDomain(config, command, output);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    output.say(textOfFailure(error));
    process.exitCode = 1;
  },
);
