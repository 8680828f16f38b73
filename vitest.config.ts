import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { defineConfig } from 'vitest/config';

/**
 * `*.test.ts` need no database. `*.db.test.ts` are run twice: on PGlite, and on PostgreSQL where one is reachable
 * (MUSTER_TEST_POSTGRES_URL, by default postgresql://postgres@127.0.0.1:5432/postgres).
 */
const postgresUrl = new URL(process.env.MUSTER_TEST_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres');
const hasPostgres = await isReachable(postgresUrl.hostname, Number(postgresUrl.port || 5432));
if (!hasPostgres) {
  process.stderr.write(`Skipped: the tests against PostgreSQL, since none answers at ${postgresUrl.host}.\n`);
}

// graphql has two builds, and an error of one is none of the other. Vite would give the sources one and their
// dependencies the other; this is the one that Node gives to all.
const graphql = createRequire(new URL('packages/schema/package.json', import.meta.url)).resolve('graphql');
const resolve = { alias: [{ find: /^graphql$/, replacement: graphql }] };
const everywhere = { exclude: ['**/node_modules/**'], testTimeout: 30_000, hookTimeout: 60_000 };
const onDatabase = (kind: 'pglite' | 'postgresql') => ({
  resolve,
  test: {
    ...everywhere,
    name: kind,
    include: ['packages/*/{src,test}/**/*.db.test.ts'],
    env: { MUSTER_TEST_DATABASE: kind },
    globalSetup: ['packages/db/testing/globalSetup.ts'],
  },
});

export default defineConfig({
  test: {
    reporters: ['default', './scripts/countReporter.ts'],
    projects: [
      {
        resolve,
        test: {
          ...everywhere,
          name: 'unit',
          include: ['packages/*/{src,test}/**/*.test.ts', 'bench/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...everywhere.exclude, '**/*.db.test.ts'],
        },
      },
      onDatabase('pglite'),
      ...(hasPostgres ? [onDatabase('postgresql')] : []),
    ],
  },
});

function isReachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const answer = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.on('connect', () => answer(true));
    socket.on('error', () => answer(false));
    socket.on('timeout', () => answer(false));
  });
}
