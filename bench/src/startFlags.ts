import { readFileSync } from 'node:fs';
import { BenchError } from './benchError.ts';

/** Reads Node's flags as `npx -y pnpm@12 start` has them: they bound the garbage that a server keeps (docs/limits.md). */
export function readStartFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const flags = /&& node (--.+) packages\/server\/src\/main\.ts$/.exec(scripts.start)?.[1];
  if (flags === undefined) throw new BenchError(`expected flags of Node in the script start; got ${scripts.start}`);
  return flags.split(' ');
}
