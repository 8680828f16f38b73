import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A compiler of documents, as its users run it. */
export interface Compiler {
  readonly command: string;
  readonly args: readonly string[];
  /** The arguments by which it says whether what it made is up to date. */
  readonly check: readonly string[];
  /** The folder of its example. */
  readonly folder: string;
}

/** The compilers, each with its example. */
export const compilers: readonly Compiler[] = [
  { folder: 'relay', command: 'relay-compiler', args: [], check: ['--validate'] },
  { folder: 'codegen', command: 'graphql-codegen', args: ['--config', 'codegen.yml'], check: ['--check'] },
  { folder: 'tada', command: 'gql.tada', args: ['generate-output'], check: [] },
];

/** Runs a compiler in its example's folder. @throws with all that it wrote, where it fails */
export async function runCompiler({ folder, command, args }: Compiler, more: readonly string[] = []): Promise<void> {
  const bin = fileURLToPath(new URL(`node_modules/.bin/${command}`, import.meta.url));
  const cwd = fileURLToPath(new URL(`examples/${folder}`, import.meta.url));
  mkdirSync(`${cwd}/generated`, { recursive: true });
  await promisify(execFile)(bin, [...args, ...more], { cwd, env: { ...process.env, CI: 'true', NO_COLOR: '1' } }).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`${command}: ${stdout}${stderr}`);
    },
  );
}
