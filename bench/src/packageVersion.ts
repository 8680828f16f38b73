import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { BenchError } from './benchError.ts';

/** Reads the installed version of a package, even if it doesn't export its package.json. */
export function packageVersion(name: string): string {
  const file = findPackageJSON(name, import.meta.url);
  if (file === undefined) throw new BenchError(`expected ${name} to be installed`);
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version;
}
