import { execFile } from 'node:child_process';
import { appendFile, chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { SetupPlaces } from './badSetups.ts';
import { startCluster } from './cluster.ts';

/** Starts the two servers at which set-ups are bad. Returns how to remove them, too. */
export async function startSetupPlaces(programs: string): Promise<SetupPlaces & { remove(): Promise<void> }> {
  const [plain, standby] = await Promise.all([
    startCluster(programs, { prepare: askForPasswords }),
    startCluster(programs, { prepare: beStandby, settings: ['ssl=on', 'max_connections=100'] }),
  ]);
  const client = new Client({ connectionString: plain.url });
  await client.connect();
  await client.query(`CREATE ROLE with_password LOGIN PASSWORD 'another'`);
  await client.query('CREATE ROLE rejected LOGIN');
  await client.end();
  return { plain, standby, remove: async () => void (await Promise.all([plain.remove(), standby.remove()])) };
}

async function askForPasswords(data: string): Promise<void> {
  const file = join(data, 'pg_hba.conf');
  const rest = await readFile(file, 'utf8');
  await writeFile(file, `host all with_password all scram-sha-256\nhost all rejected all reject\n${rest}`);
}

/** A standby (its max_connections must be as when it was made) that waits for a primary that never comes, and has a certificate. */
async function beStandby(data: string): Promise<void> {
  await appendFile(join(data, 'standby.signal'), '');
  const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')];
  const selfSigned = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ];
  await promisify(execFile)('openssl', [...selfSigned, '-subj', '/CN=localhost', '-keyout', key, '-out', certificate]);
  const { uid, gid } = await stat(data);
  for (const file of ['standby.signal', 'server.key', 'server.crt']) await chown(join(data, file), uid, gid);
}
