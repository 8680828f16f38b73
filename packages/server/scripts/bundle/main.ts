import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { bringAssets } from './assets.ts';
import { packagesOf, repository } from './bundledPackages.ts';
import { licensesText } from './licenses.ts';
import { type BundledProgram, programs } from './programs.ts';
import { sbom } from './sbom.ts';

/**
 * Writes a program, the server or the agent, as one file that needs Node alone, with what it reads beside it, into the folder
 * that is named (by default `dist` of its package): `muster.mjs`, `assets/`, `sbom.json`, `THIRD-PARTY-LICENSES.txt`, `LICENSE`.
 *
 * It isn't minified: a stack names functions and lines that can be looked up in it.
 */
async function main(): Promise<void> {
  const [, , name, folder] = process.argv;
  const program = programs.find((each) => each.package === name);
  if (!program) throw new Error(`expected ${programs.map((each) => each.package).join(' or ')}; got ${name}`);
  const source = join(repository, 'packages', program.package);
  const output = resolve(folder ?? join(source, 'dist'));
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const chunk = await bundle(program, source, output);
  const packages = packagesOf(chunk.moduleIds, program.pages);
  writeFileSync(join(output, 'sbom.json'), sbom(program.file, version, packages));
  writeFileSync(join(output, 'THIRD-PARTY-LICENSES.txt'), licensesText(packages));
  writeFileSync(join(output, 'LICENSE'), readFileSync(join(repository, 'LICENSE')));
  const megabytes = (Buffer.byteLength(chunk.code) / 1e6).toFixed(1);
  process.stdout.write(`${relative(process.cwd(), join(output, chunk.fileName))}: ${megabytes} MB\n`);
}

async function bundle(program: BundledProgram, source: string, output: string): Promise<OutputChunk> {
  const build = await rolldown({
    // Module ids in the bundle's comments are relative to this folder: the same wherever the repository lies.
    cwd: repository,
    input: { [program.file]: join(source, program.entry) },
    platform: 'node',
    plugins: [bringAssets(output)],
    onLog: (level, log) => {
      if (level === 'warn' && !isHarmless(log.code)) throw new Error(`the bundler warns: ${log.message}`);
    },
  });
  const { output: written } = await build.write({
    dir: output,
    format: 'esm',
    entryFileNames: '[name].mjs',
    codeSplitting: false,
  });
  await build.close();
  const [chunk, ...others] = written;
  if (others.length > 0) throw new Error(`expected one file; got also ${others.map((each) => each.fileName).join()}`);
  return chunk;
}

/** Packages of others call eval and such; that works in the bundle. */
const isHarmless = (code: string | undefined) => code === 'EVAL';

await main();
