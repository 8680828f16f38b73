import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { spawnGuarded } from '../testing/processGuard.ts';
import { beginRun, newDatabaseName } from '../testing/testRun.ts';
import { administrationUrl, findPostgres } from '../testing/versions.ts';

// Runs as a separate process: a run that has a child, a file and a database, says so, and then waits to be killed.
const run = await beginRun();
process.env.MUSTER_TEST_RUN = run.id;
const child = spawnGuarded(process.execPath, ['--eval', 'setInterval(() => {}, 1_000)'], {
  env: {},
  stdio: ['ignore', 'pipe', 'inherit'],
});
await writeFile(join(run.folder, 'file'), 'left behind');
let database: string | undefined;
if ((await findPostgres()) !== undefined) {
  database = newDatabaseName(run.id);
  const client = new Client({ connectionString: administrationUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${database}`);
  await client.end();
}
process.stdout.write(JSON.stringify({ folder: run.folder, pid: child.pid, database }));
setInterval(() => {}, 1_000);
