import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Client } from 'pg';
import { openDatabase } from '../src/open.ts';
import type { TestCluster } from './cluster.ts';

/** Where bad set-ups are made. */
export interface SetupPlaces {
  /** A server without TLS, which asks the roles `with_password` for one. */
  readonly plain: TestCluster;
  /** A standby, with TLS by a certificate that it signed itself. */
  readonly standby: TestCluster;
}

/** A set-up that can't work. */
export interface BadSetup {
  readonly title: string;
  /** The text that the one line must have. */
  readonly says: RegExp;
  /** Makes it so; returns DATABASE_URL. */
  make(places: SetupPlaces): Promise<string> | string;
}

let made = 0;
/** A name for a database or a role that no other has. */
const newName = (kind: string) => `${kind}_${++made}`;

/** Runs statements as the owner of a server, in one of its databases. */
async function run({ url }: TestCluster, database: string, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: at(url, { database }) });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

interface Changes {
  readonly role?: string;
  readonly password?: string;
  readonly database?: string;
  readonly host?: string;
  readonly [parameter: `?${string}`]: string;
}

/** A URL with some parts changed. */
function at(url: string, { role, password, database, host, ...parameters }: Changes): string {
  const changed = new URL(url);
  if (role !== undefined) changed.username = role;
  if (password !== undefined) changed.password = password;
  if (database !== undefined) changed.pathname = `/${database}`;
  if (host !== undefined) changed.host = host;
  for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name.slice(1), value);
  return changed.href;
}

/** Makes an empty database; returns its name. */
async function newDatabase(cluster: TestCluster, options = ''): Promise<string> {
  const database = newName('database');
  await run(cluster, 'postgres', `CREATE DATABASE ${database} ${options}`);
  return database;
}

/** Makes a role that owns nothing; returns its name. */
async function newRole(cluster: TestCluster, options = ''): Promise<string> {
  const role = newName('role');
  await run(cluster, 'postgres', `CREATE ROLE ${role} LOGIN ${options}`);
  return role;
}

/** Makes a database with all migrations, and changes it. */
async function migrated(cluster: TestCluster, ...statements: string[]): Promise<string> {
  const database = await newDatabase(cluster);
  const url = at(cluster.url, { database });
  await (await openDatabase({ url })).close();
  await run(cluster, database, ...statements);
  return url;
}

/** O11: every kind of set-up of PostgreSQL that can't work, each made for real. */
export const badSetups: readonly BadSetup[] = [
  {
    title: 'a misspelt mode of TLS',
    says: /sslmode: expected disable, .* got "requre"/,
    make: ({ plain }) => at(plain.url, { '?sslmode': 'requre' }),
  },
  {
    title: 'a file of an authority that is not there',
    says: /sslrootcert: expected a file that can be read; got ENOENT for \/nowhere\/ca\.pem/,
    make: ({ plain }) => at(plain.url, { '?sslmode': 'verify-full', '?sslrootcert': '/nowhere/ca.pem' }),
  },
  {
    title: 'TLS with a server that has none',
    says: /has no TLS, and sslmode asks for it: .*sslmode=disable/,
    make: ({ plain }) => at(plain.url, { '?sslmode': 'require' }),
  },
  {
    title: 'a certificate that the server signed itself',
    says: /certificate of .* can't be verified .*sslrootcert=/,
    make: ({ standby }) => at(standby.url, { '?sslmode': 'require' }),
  },
  {
    title: 'a wrong password',
    says: /refuses the password for the role "with_password": give the right one/,
    make: ({ plain }) => at(plain.url, { role: 'with_password', password: 'secret' }),
  },
  {
    title: 'no password where one is asked for',
    says: /asks for the password of the role "with_password", and DATABASE_URL has none: add it/,
    make: ({ plain }) => at(plain.url, { role: 'with_password' }),
  },
  {
    title: 'a role that does not exist',
    says: /role "nobody_here" does not exist.*name a role that may log in/,
    make: ({ plain }) => at(plain.url, { role: 'nobody_here' }),
  },
  {
    title: 'a role that pg_hba.conf rejects',
    says: /pg_hba\.conf rejects .*see to pg_hba\.conf/,
    make: async ({ plain }) => at(plain.url, { role: 'rejected' }),
  },
  {
    title: 'a database that does not exist',
    says: /the database "nothing_here" does not exist .*create it/,
    make: ({ plain }) => at(plain.url, { database: 'nothing_here' }),
  },
  {
    title: 'a host that has no address',
    says: /the host of nowhere\.invalid:\d+ has no address: name another host/,
    make: ({ plain }) => at(plain.url, { host: 'nowhere.invalid' }),
  },
  {
    title: 'a port at which nothing listens',
    says: /nothing listens at 127\.0\.0\.1:1 .*start PostgreSQL there/,
    make: ({ plain }) => at(plain.url, { host: '127.0.0.1:1' }),
  },
  {
    title: 'a port of something else than PostgreSQL',
    says: /ended the connection: is it PostgreSQL/,
    make: async ({ plain }) => {
      const server = createServer((socket) => socket.on('error', () => {}).end('not me\n')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return at(plain.url, { host: `127.0.0.1:${(server.unref().address() as AddressInfo).port}` });
    },
  },
  {
    title: 'a standby',
    says: /is a standby, which takes no writes: name the primary/,
    make: ({ standby }) => standby.url,
  },
  {
    title: 'a database that is read-only',
    says: /is read-only: set default_transaction_read_only to off/,
    make: async ({ plain }) => {
      const database = await newDatabase(plain);
      await run(plain, 'postgres', `ALTER DATABASE ${database} SET default_transaction_read_only TO on`);
      return at(plain.url, { database });
    },
  },
  {
    title: 'another encoding than UTF8',
    says: /expected a database with the encoding UTF8; that of "database_\d+" is LATIN1: make one/,
    make: async ({ plain }) =>
      at(plain.url, { database: await newDatabase(plain, `ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`) }),
  },
  {
    title: 'a role that may not connect (42501)',
    says: /the role "role_\d+" lacks a right in the database "database_\d+" \(permission denied .*: grant it/,
    make: async ({ plain }) => {
      const [database, role] = [await newDatabase(plain), await newRole(plain)];
      await run(plain, database, `REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
      return at(plain.url, { database, role });
    },
  },
  {
    title: 'a role that may not make tables (42501)',
    says: /the role "role_\d+" may not make tables in the schema "public".*GRANT CREATE ON SCHEMA "public" TO "role_\d+"/,
    make: async ({ plain }) => at(plain.url, { database: await newDatabase(plain), role: await newRole(plain) }),
  },
  {
    title: 'a role that may not use the schema (3F000)',
    says: /the role "role_\d+" may not use the schema "public": GRANT USAGE ON SCHEMA "public" TO "role_\d+"/,
    make: async ({ plain }) => {
      const database = await newDatabase(plain);
      await run(plain, database, 'REVOKE ALL ON SCHEMA public FROM PUBLIC');
      return at(plain.url, { database, role: await newRole(plain) });
    },
  },
  {
    title: 'a role that may not read and write the tables (42501)',
    says: /the role "role_\d+" lacks rights to api_keys, .* and \d+ more: grant it SELECT/,
    make: async ({ plain }) =>
      at(await migrated(plain, 'GRANT SELECT ON _prisma_migrations TO PUBLIC'), { role: await newRole(plain) }),
  },
  {
    title: 'O4: a schema that does not exist (3F000)',
    says: /the schema "nowhere" does not exist in the database .*CREATE SCHEMA/,
    make: ({ plain }) => at(plain.url, { '?schema': 'nowhere' }),
  },
  {
    title: 'O4: a schema whose name can be none',
    says: /schema: expected the name of a schema.*got "pg_catalog"/,
    make: ({ plain }) => at(plain.url, { '?schema': 'pg_catalog' }),
  },
  {
    title: 'O4: a search path among the options',
    says: /expected the schema as \?schema=name; got a search_path/,
    make: ({ plain }) => at(plain.url, { '?options': '-c search_path=other' }),
  },
  {
    title: 'tables of another program',
    says: /has tables that are not Muster's \(customers, invoices, orders and 1 more\): name an empty database/,
    make: async ({ plain }) => {
      const database = await newDatabase(plain);
      await run(
        plain,
        database,
        ...['orders', 'customers', 'invoices', 'supervisors'].map((name) => `CREATE TABLE ${name} ()`),
      );
      return at(plain.url, { database });
    },
  },
  {
    title: "another program's history of migrations",
    says: /history begins with migration 20200101000000_init.*another DATABASE_URL/,
    make: ({ plain }) => migrated(plain, `UPDATE _prisma_migrations SET migration_name = '20200101000000_init'`),
  },
  {
    title: 'a database that is newer',
    says: /99991231000000_later is unknown here\. Start a server at least as new/,
    make: ({ plain }) => migrated(plain, insertMigration('99991231000000_later', 'now()')),
  },
  {
    title: 'a migration that was begun and never finished',
    says: /99991231000000_half was begun and never finished; mend it with "prisma migrate resolve"/,
    make: ({ plain }) => migrated(plain, insertMigration('99991231000000_half', 'NULL')),
  },
  {
    title: 'fewer connections than it takes (53300)',
    says: /expected \d+ connections at once; got 3 \(too many connections for role .*max_connections/,
    make: async ({ plain }) => {
      const role = await newRole(plain, 'SUPERUSER');
      await run(plain, 'postgres', `ALTER ROLE ${role} NOSUPERUSER CONNECTION LIMIT 3`);
      const database = await newDatabase(plain, `OWNER ${role}`);
      return at(plain.url, { database, role });
    },
  },
];

const insertMigration = (name: string, finishedAt: string) =>
  `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, started_at) VALUES ('x', 'x', '${name}', ${finishedAt}, now())`;
