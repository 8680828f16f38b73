import type { Sql } from '../sql.ts';
import type { DatabaseTarget } from './databaseTarget.ts';
import type { Finding } from './finding.ts';

const oldestServerVersion = 150_000;
/** By how much the clocks of the server and the database may differ without a warning, in milliseconds. */
const clockDifferenceMs = 5_000;

/** The properties of a session and its database that are checked. */
export interface SessionFacts {
  /** Whose rights the session has. */
  readonly role: string;
  readonly versionNumber: number;
  readonly version: string;
  readonly encoding: string;
  /** Whether letters can be compared without regard to case by one rule, whatever the locale (migration fold_case). */
  readonly foldsCase: boolean;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** Null where the schema doesn't exist, or the role has no right to use it. */
  readonly currentSchema: string | null;
  readonly schemaExists: boolean;
  readonly mayCreate: boolean;
  /** The search path that the role and the database set, which the session doesn't use. */
  readonly searchPath: string;
  /** Tables, sequences and functions of Muster's to which this role lacks a right. */
  readonly closed: readonly string[];
  /** By how much the database's clock is ahead of this machine's, in milliseconds. */
  readonly clockAheadMs: number;
}

/** Reads the facts, by a session whose search path is the schema alone. */
export async function readSessionFacts(sql: Sql, schema: string): Promise<SessionFacts> {
  const [row] = await sql.query<Omit<SessionFacts, 'closed' | 'clockAheadMs'>>(
    `SELECT current_user::text AS role, current_setting('server_version_num')::int AS "versionNumber", current_setting('server_version') AS version,
       current_setting('server_encoding') AS encoding,
       to_regcollation('pg_catalog."und-x-icu"') IS NOT NULL OR to_regcollation('pg_catalog.pg_c_utf8') IS NOT NULL AS "foldsCase", pg_is_in_recovery() AS "isStandby",
       current_setting('transaction_read_only') = 'on' AS "isReadOnly", current_schema()::text AS "currentSchema",
       n.oid IS NOT NULL AS "schemaExists", coalesce(has_schema_privilege(n.oid, 'CREATE'), FALSE) AS "mayCreate",
       (SELECT reset_val FROM pg_settings WHERE name = 'search_path') AS "searchPath"
     FROM (SELECT $1::text AS name) AS wanted LEFT JOIN pg_namespace n ON n.nspname = wanted.name`,
    [schema],
  );
  if (!row) throw new Error('expected a row');
  const closed = await sql.query<{ name: string }>(
    `WITH history AS (SELECT oid, relnamespace, relowner FROM pg_class WHERE oid = to_regclass('_prisma_migrations'))
     SELECT c.relname AS name FROM history JOIN pg_class c USING (relnamespace, relowner)
     WHERE c.oid <> history.oid AND NOT c.relispartition AND CASE
       WHEN c.relkind IN ('r', 'p') THEN NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
         AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))
       WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE') ELSE FALSE END
     UNION ALL SELECT p.proname FROM history JOIN pg_proc p ON p.pronamespace = relnamespace AND p.proowner = relowner
     WHERE NOT has_function_privilege(p.oid, 'EXECUTE')
     ORDER BY 1`,
  );
  return { ...row, closed: closed.map(({ name }) => name), clockAheadMs: await readClock(sql) };
}

async function readClock(sql: Sql): Promise<number> {
  const before = Date.now();
  const [row] = await sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return (row?.now.getTime() ?? before) - (before + Date.now()) / 2;
}

/** A check of a session, which has one finding. */
type Check = (facts: SessionFacts, target: DatabaseTarget) => Finding;

const checkServer: Check = ({ versionNumber, version, foldsCase, isStandby, isReadOnly }, { server, database }) => {
  const failure = (message: string, mayPass = false): Finding => ({
    subject: 'server',
    level: 'failure',
    message: `DATABASE_URL: ${message}`,
    mayPass,
  });
  if (versionNumber < oldestServerVersion)
    return failure(`expected PostgreSQL 15 or later, the server is ${version}: upgrade it, or name another`);
  if (!foldsCase) {
    return failure(
      `expected a PostgreSQL that is built with ICU, or of version 17 or later, to compare letters without regard to case; ${version} at ${server} is neither: name another`,
    );
  }
  if (isStandby) return failure(`${server} is a standby, which takes no writes: name the primary`, true);
  if (isReadOnly) {
    return failure(
      `the database "${database}" is read-only: set default_transaction_read_only to off for it and the role`,
      true,
    );
  }
  return { subject: 'server', level: 'ok', message: `PostgreSQL ${version} at ${server} takes writes` };
};

const checkEncoding: Check = ({ encoding }, { database }) =>
  encoding === 'UTF8'
    ? { subject: 'encoding', level: 'ok', message: 'it is UTF8' }
    : {
        subject: 'encoding',
        level: 'failure',
        message: `DATABASE_URL: expected a database with the encoding UTF8; that of "${database}" is ${encoding}: make one by CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0`,
      };

const checkSchema: Check = ({ role, currentSchema, schemaExists, searchPath }, { schema, database }) => {
  const name = JSON.stringify(schema);
  const failure = (message: string): Finding => ({
    subject: 'schema',
    level: 'failure',
    message: `DATABASE_URL: ${message}`,
  });
  if (!schemaExists) {
    return failure(
      `the schema ${name} does not exist in the database "${database}": make it (CREATE SCHEMA), or name another by ?schema=`,
    );
  }
  if (currentSchema !== schema) {
    return failure(`the role "${role}" may not use the schema ${name}: GRANT USAGE ON SCHEMA ${name} TO "${role}"`);
  }
  const first = searchPath
    .split(',')[0]
    ?.trim()
    .replace(/^"(.*)"$/, '$1');
  if (first !== '$user' && first !== schema) {
    const message = `the schema is ${name}, and the search_path that the role or the database sets (${searchPath}) has no effect: another schema is named by ?schema= in DATABASE_URL`;
    return { subject: 'schema', level: 'warning', message };
  }
  return { subject: 'schema', level: 'ok', message: `the schema is ${name}` };
};

const checkRights: Check = ({ role, closed }) => {
  if (closed.length === 0) return { subject: 'rights', level: 'ok', message: `the role "${role}" may read and write` };
  const shown = closed.slice(0, 3).join(', ') + (closed.length > 3 ? ` and ${closed.length - 3} more` : '');
  return {
    subject: 'rights',
    level: 'failure',
    message: `DATABASE_URL: the role "${role}" lacks rights to ${shown}: grant it SELECT, INSERT, UPDATE and DELETE on the tables, USAGE on the sequences, and EXECUTE on the functions`,
  };
};

const checkClock: Check = ({ clockAheadMs }) => {
  const seconds = (Math.abs(clockAheadMs) / 1_000).toFixed(1);
  const isSmall = Math.abs(clockAheadMs) <= clockDifferenceMs;
  const way = clockAheadMs > 0 ? 'ahead of' : 'behind';
  return {
    subject: 'clock',
    level: isSmall ? 'ok' : 'warning',
    message: `the database's clock is ${seconds} s ${way} this machine's${isSmall ? '' : ': set both by NTP'}`,
  };
};

/** All checks of a session, in the order in which they are shown. */
export function checkSession(facts: SessionFacts, target: DatabaseTarget): Finding[] {
  return [checkServer, checkEncoding, checkSchema, checkRights, checkClock].map((check) => check(facts, target));
}

/** Whether the role can apply migrations, where some are lacking. */
export function checkMayMigrate({ role, mayCreate }: SessionFacts, { schema }: DatabaseTarget): Finding {
  if (mayCreate) return { subject: 'rights', level: 'ok', message: `the role "${role}" may make tables` };
  return {
    subject: 'rights',
    level: 'failure',
    message: `DATABASE_URL: the role "${role}" may not make tables in the schema "${schema}", which the migrations need: GRANT CREATE ON SCHEMA "${schema}" TO "${role}", or run "muster migrate" as the owner`,
  };
}
