import { readFileSync } from 'node:fs';
import { DatabaseSetupError } from './setupError.ts';

/** A database and a schema in it, as DATABASE_URL names them. */
export interface DatabaseTarget {
  /** The URL, as the driver takes it. */
  readonly connectionString: string;
  /** The schema of Muster's tables (O4). */
  readonly schema: string;
  readonly role: string;
  /** The host and port, without role and password, for messages. */
  readonly server: string;
  readonly database: string;
}

/**
 * Modes of TLS, with what the driver does by them. It verifies in all modes but `no-verify`; its own word for that is
 * `verify-full`, and of the others it prints a warning (pg-connection-string 2.14).
 */
const sslModes: Readonly<Record<string, string>> = {
  disable: 'disable',
  'no-verify': 'no-verify',
  require: 'verify-full',
  'verify-ca': 'verify-full',
  'verify-full': 'verify-full',
};

/** Reads DATABASE_URL. @throws DatabaseSetupError that says what to change, and tells no password */
export function readDatabaseUrl(text: string): DatabaseTarget {
  const url = parse(text);
  const schema = takeSchema(url.searchParams);
  checkTls(url.searchParams);
  const { hostname, port, username, pathname, searchParams } = url;
  const host = searchParams.get('host') ?? (hostname === '' ? 'localhost' : decodeURIComponent(hostname));
  return {
    connectionString: url.href,
    schema,
    role: searchParams.get('user') ?? decodeURIComponent(username),
    server: `${host}:${searchParams.get('port') ?? (port === '' ? '5432' : port)}`,
    database: decodeURIComponent(pathname.slice(1)),
  };
}

function parse(text: string): URL {
  if (!/^postgres(ql)?:\/\//.test(text)) {
    throw new DatabaseSetupError(
      `DATABASE_URL: expected a URL that begins with postgresql://, got one that begins with "${text.split(':', 1)[0]}"`,
    );
  }
  // The host may stand among the parameters, or be a folder of sockets.
  const url = URL.parse(text) ?? URL.parse(text.replace(/^(postgres(?:ql)?:\/\/[^/?]*@)\//, '$1localhost/'));
  if (!url) {
    throw new DatabaseSetupError(
      'DATABASE_URL: expected postgresql://user:password@host:port/database, got a malformed URL',
    );
  }
  return url;
}

/** O4: takes the schema out of the parameters; the driver doesn't know it. */
function takeSchema(parameters: URLSearchParams): string {
  if (/search_path/i.test(parameters.get('options') ?? '')) {
    throw new DatabaseSetupError(
      'DATABASE_URL: expected the schema as ?schema=name; got a search_path among its options, which has no effect',
    );
  }
  const schema = parameters.get('schema') ?? 'public';
  parameters.delete('schema');
  if (!/^(?!pg_|\$user$|information_schema$)[^\0"]{1,63}$/.test(schema)) {
    throw new DatabaseSetupError(
      `DATABASE_URL: schema: expected the name of a schema for Muster's tables; got ${JSON.stringify(schema)}`,
    );
  }
  return schema;
}

function checkTls(parameters: URLSearchParams): void {
  const mode = parameters.get('sslmode');
  if (mode !== null) {
    const known = sslModes[mode];
    if (known === undefined) {
      throw new DatabaseSetupError(
        `DATABASE_URL: sslmode: expected ${Object.keys(sslModes).join(', ')}; got ${JSON.stringify(mode)}`,
      );
    }
    parameters.set('sslmode', known);
  }
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const file = parameters.get(name);
    if (file !== null) checkFile(name, file);
  }
}

function checkFile(name: string, file: string): void {
  try {
    readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : 'an error';
    throw new DatabaseSetupError(`DATABASE_URL: ${name}: expected a file that can be read; got ${reason} for ${file}`);
  }
}
