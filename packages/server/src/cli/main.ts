import { DomainError, newApiKey, openCore } from '@muster/core';
import { DatabaseSetupError, openDatabase } from '@muster/db';
import { readConfig, unknownVariables } from '../config/config.ts';
import { ConfigError } from '../config/configError.ts';
import { readCommand, usage } from './command.ts';
import { runCommand } from './run.ts';

const output = {
  out: (line: string) => void process.stdout.write(`${line.trimEnd()}\n`),
  say: (line: string) => void process.stderr.write(`${line}\n`),
};

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === 'help') return output.out(usage);
  if (command.kind === 'generate') return output.out(newApiKey());
  const config = readConfig(process.env);
  for (const warning of unknownVariables(process.env)) output.say(warning);
  const db = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.MUSTER_DATA_DIR,
    onWarning: output.say,
  });
  try {
    const { core, close } = await openCore(db, { sweeps: false });
    await runCommand(core, command, output).finally(close);
  } finally {
    await db.close();
  }
}

main().catch((error: unknown) => {
  const expected = [ConfigError, DatabaseSetupError, DomainError].some((kind) => error instanceof kind);
  const reason = error instanceof Error ? (expected ? error.message : error.stack) : error;
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
});
