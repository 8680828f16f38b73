import { parseArgs } from 'node:util';
import { type Role, roles } from '@muster/core';
import { ConfigError } from '../config/configError.ts';

/** The command of a command line. */
export type Command =
  | { kind: 'help' }
  | { kind: 'migrate' }
  | { kind: 'doctor' }
  | { kind: 'generate' }
  | DomainCommand;

/** A command that runs over the database, as the server's domain does. */
export type DomainCommand =
  | {
      kind: 'create';
      name: string;
      role: Role;
      domainId: string | null;
      hostname: string | null;
      lifetimeMs: number | null;
    }
  | { kind: 'createAgentToken'; name: string | null; domainId: string; hostname: string; lifetimeMs: number | null }
  | { kind: 'list'; domainId: string | null; json: boolean }
  | { kind: 'revoke'; id: string; cascade: boolean }
  | { kind: 'renew' };

/** The text of `--help`. */
export const usage = `Usage: muster <command> (in the repository: npx -y pnpm@12 muster <command>)

  serve
      Starts the server.
  migrate
      Applies the migrations that the database lacks, as a start does, unless MUSTER_MIGRATE is false.
  doctor
      Looks at all that a start looks at, and changes nothing: settings, database, rights, pooler, clock, migrations, folder, ports.
  keys create --name <text> --role <role> [--domain <id>] [--hostname <hostname>] [--expires-in <time>]
      Makes an API key and prints it, this once. The roles: ${roles.join(', ')}.
      Only an ADMIN's key may be without a domain: it is for all. A SUPERVISOR's key with a host speaks for that alone. A time: 90m, 12h, 30d; by default it never ends.
      The first key closes a server that ran open: from then on it asks everybody for a credential.
  keys create --agent-jwt --hostname <hostname> --domain <id> [--name <text>] [--expires-in <time>]
      Makes a key of the role SUPERVISOR in the form of a JWT, for an existing agent that takes no other, and prints it. By default it ends
      after one year (docs/access.md#existing-agents).
  keys generate
      Prints the text of a key for MUSTER_BOOTSTRAP_KEY, and makes none: no database is needed.
  keys list [--domain <id>] [--json]
      Lists the keys, newest first, ended ones too; with --json as a JSON object a line.
  keys revoke <key-id> [--cascade]
      Ends a key, and with --cascade the keys that it made, on every running server within 5 seconds.
  log renew
      Has every cursor that was given out by now answered with CURSOR_EXPIRED, and every subscription start anew: after a
      restore of which the servers noticed nothing (docs/operate/backup.md). Nothing else is changed.

The database is the server's: DATABASE_URL, or the embedded one in MUSTER_DATA_DIR while no server runs on it.
With a server on the embedded database, use its mutations createApiKey and revokeApiKey instead.
Exit codes: 0, done; 1, not done, or the doctor found what would hinder a start. Standard error has one line that says what to change.
`;

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a command line. @throws ConfigError that says what was expected and what came */
export function readCommand(words: readonly string[]): Command {
  const { values, positionals } = parsed(words);
  if (values.help || positionals.length === 0) return { kind: 'help' };
  const command = commandOf(values, positionals);
  if (command !== null) return command;
  throw new ConfigError(
    `expected serve, migrate, doctor, log renew, keys create, keys generate, keys list or keys revoke <key-id>; got ${positionals.join(' ')}`,
  );
}

/** The command of words; null for words that are none. */
function commandOf(values: Options, [topic, verb, ...rest]: readonly string[]): Command | null {
  if (topic === 'keys') return keyCommand(values, verb, rest);
  if (topic === 'log') return verb === 'renew' && rest.length === 0 ? { kind: 'renew' } : null;
  if (verb !== undefined) return null;
  return topic === 'migrate' || topic === 'doctor' ? { kind: topic } : null;
}

/** A command about keys; null for words that are none. */
function keyCommand(values: Options, verb: string | undefined, rest: readonly string[]): Command | null {
  if (verb === 'create' && rest.length === 0) {
    if (values['agent-jwt']) return agentTokenCommand(values);
    return {
      kind: 'create',
      name: required(values.name, '--name'),
      role: roleFrom(required(values.role, '--role')),
      domainId: values.domain ?? null,
      hostname: hostnameOf(values) ?? null,
      lifetimeMs: lifetimeOf(values),
    };
  }
  if (verb === 'generate' && rest.length === 0) return { kind: 'generate' };
  if (verb === 'list' && rest.length === 0) return { kind: 'list', domainId: values.domain ?? null, json: values.json };
  if (verb === 'revoke' && rest.length === 1) return { kind: 'revoke', id: rest[0] ?? '', cascade: values.cascade };
  return null;
}

function agentTokenCommand(values: Options): Command {
  const { role = 'SUPERVISOR' } = values;
  if (role.toUpperCase() !== 'SUPERVISOR')
    throw new ConfigError(`--role: expected SUPERVISOR of an agent; got ${role}`);
  return {
    kind: 'createAgentToken',
    name: values.name ?? null,
    domainId: required(values.domain, '--domain'),
    hostname: required(hostnameOf(values), '--hostname'),
    lifetimeMs: lifetimeOf(values),
  };
}

const hostnameOf = ({ hostname, host }: Options) => hostname ?? host;

/** The options of a command line. */
type Options = ReturnType<typeof parsed>['values'];

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        name: { type: 'string' },
        role: { type: 'string' },
        domain: { type: 'string' },
        host: { type: 'string' },
        hostname: { type: 'string' },
        'agent-jwt': { type: 'boolean', default: false },
        cascade: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'expires-in': { type: 'string' },
      },
    });
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
}

function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new ConfigError(`expected ${option}; got none`);
  return value;
}

function roleFrom(text: string): Role {
  const role = roles.find((known) => known === text.toUpperCase());
  if (role === undefined) throw new ConfigError(`--role: expected one of ${roles.join(', ')}; got ${text}`);
  return role;
}

function lifetimeOf({ 'expires-in': text }: Options): number | null {
  if (text === undefined) return null;
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : unitsMs[unit];
  if (unitMs === undefined) throw new ConfigError(`--expires-in: expected a time such as 90m, 12h or 30d; got ${text}`);
  return Number(count) * unitMs;
}
