import { expect, test } from 'vitest';
import { compilers, runCompiler } from './compilers.ts';

test.each(compilers)('$command takes the schema as it is printed, and what it made is up to date', async (compiler) => {
  await expect(
    runCompiler(compiler, compiler.check),
    'compile: npx -y pnpm@12 exec turbo run compile',
  ).resolves.toBeUndefined();
});
