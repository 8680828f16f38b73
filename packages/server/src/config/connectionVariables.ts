import { z } from 'zod';
import { type Network, parseNetwork } from './network.ts';
import { variable, wholeNumber } from './variable.ts';

/** Addresses and networks between commas. */
function networksOf(text: string | undefined, context: z.RefinementCtx): readonly Network[] {
  const given = (text ?? '').split(',').map((each) => each.trim());
  const networks = given.filter((each) => each !== '').map(parseNetwork);
  if (networks.includes(null)) {
    const message = 'expected addresses and networks between commas, each such as 10.0.0.7 or 10.0.0.0/8';
    context.addIssue({ code: 'custom', message });
  }
  return networks.filter((network) => network !== null);
}

const file = z.string().optional();

/** The beginnings of the server's own paths, which a prefix would hide. */
const ownPaths = /^\/(?:graphql|plugin|health|started|ready|metrics)(?:\/|$)/;

/** The settings of connections: TLS, addresses, and the bounds of clients that have shown no credential. */
export const connectionVariables = {
  MUSTER_TLS_CERT_FILE: variable({
    schema: file,
    description:
      'The file of the certificate, in PEM with its chain, by which HTTP and gRPC have TLS; read again when it changes. Not set: no TLS.',
  }),
  MUSTER_TLS_KEY_FILE: variable({
    schema: file,
    description: "The file of the certificate's private key, in PEM; read again when it changes.",
  }),
  MUSTER_TLS_CLIENT_CA_FILE: variable({
    schema: file,
    description:
      "The file of the authorities, in PEM, that sign agents' certificates. Set: a credential of the role SUPERVISOR counts only with such a certificate, and only for the host that it names.",
  }),
  MUSTER_TRUSTED_PROXIES: variable({
    schema: z.string().optional().transform(networksOf),
    description:
      "The addresses and networks of the proxies whose `X-Forwarded-For` names a client's address, and whose `X-Forwarded-Host` the host that it asked for, separated by commas: `10.0.0.0/8,fd00::7`. Not set: a client's address is its connection's.",
  }),
  MUSTER_BASE_PATH: variable({
    schema: z
      .string()
      .regex(/^(?:\/|(?:\/[\w.~-]+)+)$/, 'expected a path without a slash at its end, such as /muster')
      .refine((path) => !ownPaths.test(path), "expected a path that is none of the server's own, such as /muster")
      .transform((path) => (path === '/' ? '' : path)),
    fallback: '/',
    description:
      'The path below which a proxy shows the server, such as `/muster`: links have it, and requests may have it or lack it.',
  }),
  MUSTER_KEEP_ALIVE_TIMEOUT_SECONDS: variable({
    schema: wholeNumber(1, 3_600),
    fallback: '65',
    description:
      'How long an HTTP connection without a request is kept open, in seconds; longer than proxies keep theirs, or they send requests into connections that just close.',
  }),
  MUSTER_MAX_UNAUTHENTICATED_CONNECTIONS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '2000',
    description:
      'The most connections, over HTTP, WebSocket and gRPC together, that have shown no credential; past it the oldest is closed.',
  }),
  MUSTER_MAX_UNAUTHENTICATED_CONNECTIONS_PER_ADDRESS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '50',
    description:
      'The most such connections of one address (IPv6: of one /64) that are older than a second; past it the oldest is closed.',
  }),
  MUSTER_FAILED_CREDENTIALS_PER_MINUTE: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '20',
    description:
      'The credentials a minute from one address that may fail; further ones get RATE_LIMITED without being looked up.',
  }),
  MUSTER_ANONYMOUS_REQUESTS_PER_SECOND: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '200',
    description:
      'The requests a second without a credential of one address, for two seconds twice as many: health, readiness, metrics, pages, gRPC health and reflection; further ones get RATE_LIMITED.',
  }),
  MUSTER_GRPC_MAX_STREAMS: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '100',
    description: 'The most calls at a time on one gRPC connection; further ones wait in the client.',
  }),
  MUSTER_GRPC_MAX_RESETS_PER_SECOND: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '50',
    description:
      'The calls a second that a client may cancel on one gRPC connection, for two seconds twice as many; past it the connection is closed.',
  }),
  MUSTER_GRPC_MAX_PINGS_PER_MINUTE: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '60',
    description: 'The pings a minute that a client may send on one gRPC connection; past it the connection is closed.',
  }),
  MUSTER_GRPC_MAX_CONNECTION_AGE_SECONDS: variable({
    schema: wholeNumber(1, 30 * 86_400),
    fallback: '3600',
    description:
      'How long a gRPC connection may last, in seconds, give or take a tenth; then clients open another one, and calls under way have 5 minutes to end.',
  }),
  MUSTER_GRPC_MAX_CONNECTION_IDLE_SECONDS: variable({
    schema: wholeNumber(1, 30 * 86_400),
    fallback: '300',
    description: 'How long a gRPC connection may be without a call, in seconds; then it is closed.',
  }),
  MUSTER_MAX_HEALTH_WATCHES: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '1000',
    description: "The most gRPC streams that watch the server's health; a further one gets RATE_LIMITED.",
  }),
  MUSTER_MAX_HEALTH_WATCHES_PER_ADDRESS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '20',
    description: 'The most such streams of one address (IPv6: of one /64).',
  }),
} as const;
