import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

/**
 * Runs `prisma generate` offline. It would first fetch a schema engine that it then doesn't use; any existing
 * executable in its place keeps it from trying. Other Prisma commands do need the engine, so they don't come this way.
 */
const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js');
execFileSync(process.execPath, [prisma, 'generate'], {
  cwd: new URL('..', import.meta.url),
  stdio: 'inherit',
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
});
