import { codeOf } from '../sqlState.ts';
import { isDatabaseUnavailable } from '../unavailable.ts';
import type { DatabaseTarget } from './databaseTarget.ts';
import { DatabaseSetupError } from './setupError.ts';

/** Says what is wrong, and what to change. @param message the driver's, the system's or the database's own words */
type Explain = (target: DatabaseTarget, message: string) => string;

const unverified: Explain = ({ server }, message) =>
  `the certificate of ${server} can't be verified (${message}): name the authority's file as sslrootcert=, or set sslmode=no-verify`;
const unreachable: Explain = ({ server }) =>
  `expected PostgreSQL at ${server}; it can't be reached: start it, open the way to it, or name another host and port`;
const unknownHost: Explain = ({ server }) => `the host of ${server} has no address: name another host`;

/** The failures between DATABASE_URL and a session, by the SQLSTATE or the system's code. */
const byCode: Readonly<Record<string, Explain>> = {
  '28P01': ({ role, server }) => `${server} refuses the password for the role "${role}": give the right one`,
  '28000': ({ server }, message) =>
    `${server} lets nobody in so (${message}): name a role that may log in, and see to pg_hba.conf`,
  '3D000': ({ database, server }) =>
    `the database "${database}" does not exist at ${server}: create it (CREATE DATABASE), or name another`,
  '42501': ({ role, database }, message) =>
    `the role "${role}" lacks a right in the database "${database}" (${message}): grant it (docs/operate/database.md)`,
  '53300': ({ server }, message) =>
    `${server} takes no more connections (${message}): raise its max_connections or the role's limit, or lower MUSTER_DATABASE_POOL_SIZE`,
  '57P03': ({ server }, message) => `${server} takes no connections yet (${message}): wait until it does`,
  '08P01': ({ server }, message) =>
    `${server} refuses the connection (${message}): take the parameter out of DATABASE_URL, or let the pooler ignore it`,
  ECONNREFUSED: ({ server }) =>
    `nothing listens at ${server} (ECONNREFUSED): start PostgreSQL there, or name another host and port`,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ENOENT: ({ server }) => `there is no socket of PostgreSQL at ${server}: start it, or name another host`,
  EACCES: ({ server }) => `this user may not connect to ${server} (EACCES): give it the right, or name another host`,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  DEPTH_ZERO_SELF_SIGNED_CERT: unverified,
  SELF_SIGNED_CERT_IN_CHAIN: unverified,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unverified,
  UNABLE_TO_GET_ISSUER_CERT: unverified,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unverified,
  CERT_HAS_EXPIRED: ({ server }) => `the certificate of ${server} has expired: renew it there`,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ server }) =>
    `the certificate of ${server} is for another name: use a name that it has, or set sslmode=no-verify`,
};

/** The same, for errors of the driver that have no code, by how they begin (pg 8.23). */
const byMessage: readonly (readonly [begin: string, explain: Explain])[] = [
  [
    'The server does not support SSL connections',
    ({ server }) => `${server} has no TLS, and sslmode asks for it: give it a certificate, or set sslmode=disable`,
  ],
  [
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be',
    ({ role, server }) => `${server} asks for the password of the role "${role}", and DATABASE_URL has none: add it`,
  ],
  [
    'SASL',
    ({ server }, message) => `the password can't be shown to ${server} (${message}): see to its password_encryption`,
  ],
  ['timeout expired', unreachable],
  ['Connection terminated', ({ server }) => `${server} ended the connection: is it PostgreSQL, and does it run?`],
];

/**
 * O11: an error on the way to a session, as one line that says what to change; the error itself if it is none that an
 * operator can do anything about.
 */
export function explainFailure(error: unknown, target: DatabaseTarget): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseSetupError) return error;
  const explain =
    byCode[codeOf(error)] ?? byMessage.find(([begin]) => error.message.startsWith(begin))?.[1] ?? defaultOf(error);
  if (!explain) return error;
  const message = `DATABASE_URL: ${explain(target, error.message)}`;
  return new DatabaseSetupError(message, { cause: error, mayPass: isDatabaseUnavailable(error) });
}

/** Whatever passes, and what the database refuses a session with. */
function defaultOf(error: Error): Explain | undefined {
  const isFatal = 'severity' in error && error.severity === 'FATAL';
  if (!isFatal && !isDatabaseUnavailable(error)) return undefined;
  return ({ server }, message) => `${server} can't be used (${message})`;
}
