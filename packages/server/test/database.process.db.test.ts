import { readFileSync } from 'node:fs';
import { testDatabaseKind } from '@muster/db/testing';
import { findPostgresPrograms, startCluster, type TestCluster } from '@muster/db/testing/cluster';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleetOf, graphql, runCommand, type SpawnedServer, spawnServer } from '../testing/index.ts';

const page = readFileSync(new URL('../../../docs/operate/database.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```sql test in (\w+)\n(.*?)^```$/gms)];
const programs = await findPostgresPrograms();

describe.runIf(testDatabaseKind() === 'postgresql' && programs)('the roles of docs/operate/database.md', () => {
  let cluster: TestCluster;
  let server: SpawnedServer | undefined;
  beforeAll(async () => {
    cluster = await startCluster(programs ?? '');
    for (const [, database, block = ''] of blocks) {
      for (const statement of block.split(/(?<=;)\n/)) await cluster.query(statement, database);
    }
  });
  afterAll(async () => {
    server?.kill('SIGKILL');
    await server?.ended;
    await cluster.remove();
  });

  const as = (role: string) => ({
    DATABASE_URL: `postgresql://${role}@${cluster.host}:${cluster.port}/muster`,
    MUSTER_DATABASE_POOL_SIZE: '8',
    PORT: '0',
    GRPC_PORT: '0',
  });

  test('O9: the servers\' role applies no migrations, whether it is asked to or not; the owner does, by "muster migrate"', async () => {
    const refused = await runCommand(['migrate'], as('muster_server'));
    expect(refused).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/may not make tables in the schema "public".*\n$/),
    });
    await expect(spawnServer({ ...as('muster_server'), MUSTER_MIGRATE: 'false' })).rejects.toThrow(
      /the database lacks \d+ migrations, from \d{14}_\w+ on, and MUSTER_MIGRATE is false: run "muster migrate" first/,
    );
    for (let times = 0; times < 2; times++) {
      expect(await runCommand(['migrate'], as('muster_owner'))).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^the database is at migration \d{14}_\w+\n$/),
      });
    }
  });

  test('the doctor finds nothing amiss, in a line a finding', async () => {
    const { code, output } = await runCommand(['doctor'], as('muster_server'));
    const lines = output.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual(
      [
        'settings',
        'database',
        'server',
        'encoding',
        'schema',
        'rights',
        'clock',
        'connections',
        'migrations',
        'port',
        'port',
      ].map((subject) => `ok      ${subject}`),
    );
    expect(code).toBe(0);
  });

  test('a server works as the role that changes no tables', async () => {
    server = await spawnServer({ ...as('muster_server'), MUSTER_MIGRATE: 'false' });
    const { url } = server;
    const fleet = fleetOf(url, 'roles');
    await fleet.report('agent', 'ACTIVE');
    await fleet.report('agent', 'ERROR');
    const made = await graphql(
      url,
      'mutation { createApiKey(input: {name: "k", role: VIEWER, domainId: "roles"}) { apiKey { id } } }',
    );
    expect(made.errors).toBeUndefined();
    await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(200);
    // Sweeps and trimming call functions that were not called here.
    const [closed] = await cluster.query(
      `SELECT count(*)::int AS functions FROM pg_proc WHERE pronamespace = 'public'::regnamespace
         AND NOT has_function_privilege('muster_server', oid, 'EXECUTE')`,
      'muster',
    );
    expect(closed).toEqual({ functions: 0 });
  });
});
