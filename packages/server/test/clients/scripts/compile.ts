import { compilers, runCompiler } from '../compilers.ts';

/** Makes the typed documents that the examples import. `pnpm check` and `pnpm test` run it. */
await Promise.all(compilers.map((compiler) => runCompiler(compiler)));
