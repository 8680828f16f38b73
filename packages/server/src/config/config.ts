import { isIP } from 'node:net';
import { defaultSettings, isApiKey } from '@muster/core';
import { z } from 'zod';
import { ConfigError } from './configError.ts';
import { connectionVariables } from './connectionVariables.ts';
import { consoleVariables } from './consoleVariables.ts';
import { graphqlVariables } from './graphqlVariables.ts';
import { nearestName } from './nearestName.ts';
import { quotaVariables } from './quotaVariables.ts';
import { startVariables } from './startVariables.ts';
import { transferVariables } from './transferVariables.ts';
import { flag, type Variable, variable, wholeNumber } from './variable.ts';
import { type Environment, fileSuffix, textOf } from './variableText.ts';
import { workVariables } from './workVariables.ts';

/** Origins between commas. */
function originsOf(text: string | undefined, context: z.RefinementCtx): ReadonlySet<string> {
  const origins = (text ?? '').split(',').map((origin) => origin.trim());
  const given = origins.filter((origin) => origin !== '');
  if (given.some((origin) => !/^https?:/.test(origin) || URL.parse(origin)?.origin !== origin)) {
    context.addIssue({ code: 'custom', message: 'expected origins between commas, each such as https://ops.example' });
  }
  return new Set(given);
}

const { limits } = defaultSettings;

/** Everything that can be configured. docs/configuration.md is written from this table. */
export const variables = {
  HOST: variable({
    schema: z.string().min(1, 'expected an address or a host name'),
    fallback: '127.0.0.1',
    description: 'The address to listen on. Without credentials only loopback is allowed.',
  }),
  PORT: variable({
    schema: wholeNumber(0, 65_535),
    fallback: '4000',
    description: 'The port for HTTP and WebSocket; 0 takes any free one.',
  }),
  GRPC_PORT: variable({
    schema: wholeNumber(0, 65_535),
    fallback: '50051',
    description: 'The port for gRPC; 0 takes any free one.',
  }),
  ...connectionVariables,
  DATABASE_URL: variable({
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'expected a URL that begins with postgresql://')
      .optional(),
    secret: true,
    description: 'PostgreSQL 15 or later. Not set: the embedded database, for trials and small sites.',
  }),
  MUSTER_DATA_DIR: variable({
    schema: z.string().min(1, 'expected a folder'),
    fallback: '.data',
    description: "The embedded database's folder; `memory://` keeps nothing.",
  }),
  ...startVariables,
  ...workVariables,
  MUSTER_LOG_LEVEL: variable({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'expected a level, such as info'),
    fallback: 'info',
    description: 'The least level that is logged: trace, debug, info, warn, error, fatal or silent.',
  }),
  MUSTER_LOG_FORMAT: variable({
    schema: z.enum(['json', 'pretty'], 'expected json or pretty').optional(),
    description:
      'How the log is written: `json`, a line of JSON for each entry, or `pretty`, lines for people. Not set: `pretty` on a terminal, else `json`.',
  }),
  MUSTER_BOOTSTRAP_KEY: variable({
    schema: z.string().refine(isApiKey, 'expected an API key, such as `muster keys generate` prints').optional(),
    secret: true,
    description:
      'The API key of an ADMIN that is made at start while no key was ever made, once however many servers start; `muster keys generate` prints such a text. Not set: the first key is made on the command line.',
  }),
  MUSTER_JWT_SECRET: variable({
    schema: z
      .string()
      .refine((text) => Buffer.byteLength(text) >= 32, 'expected a secret of at least 32 bytes')
      .optional(),
    secret: true,
    description:
      'The secret of at least 32 bytes that JWTs are signed with (HS256). Not set: no such JWTs are accepted.',
  }),
  MUSTER_JWKS_URL: variable({
    schema: z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).optional(),
    description: 'The URL of the public keys (JWKS) that JWTs are signed with. Not set: no such JWTs are accepted.',
  }),
  MUSTER_JWT_ISSUER: variable({
    schema: z.string().optional(),
    description: 'The issuer (`iss`) that a JWT must have; any issuer when not set.',
  }),
  MUSTER_JWT_AUDIENCE: variable({
    schema: z.string().optional(),
    description: 'The audience (`aud`) that a JWT must contain; any audience when not set.',
  }),
  MUSTER_JWT_CLOCK_SKEW_SECONDS: variable({
    schema: wholeNumber(0, 600),
    fallback: '30',
    description: "By how much this server's clock and the issuer's may differ, in seconds.",
  }),
  ...graphqlVariables,
  MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '20000',
    description:
      'The most WebSockets and event streams at a time of one credential; a further one ends with RATE_LIMITED.',
  }),
  MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: variable({
    schema: wholeNumber(1, 10_000_000),
    fallback: '50000',
    description:
      'The most subscriptions at a time of one credential, over WebSockets and as event streams; a further one ends with RATE_LIMITED.',
  }),
  MUSTER_CORS_ORIGINS: variable({
    schema: z.string().optional().transform(originsOf),
    description:
      "The origins whose web pages may send requests, separated by commas: `https://ops.example`. Not set: only the server's own pages.",
  }),
  MUSTER_REQUEST_TIMEOUT_SECONDS: variable({
    schema: wholeNumber(1, 3_600),
    fallback: '60',
    description: 'How long a client may take to send a request, in seconds; after that the answer is 408.',
  }),
  MUSTER_GRAPHIQL: variable({
    schema: flag,
    fallback: 'true',
    description: 'Whether a browser that opens /graphql gets the playground.',
  }),
  ...consoleVariables,
  MUSTER_MAX_BODY_BYTES: variable({
    schema: wholeNumber(1_024, 1_073_741_824),
    fallback: String(4 * 1024 * 1024),
    description: 'The largest request body and WebSocket message, in bytes.',
  }),
  MUSTER_MAX_PAGE_SIZE: variable({
    schema: wholeNumber(1, 1_000),
    fallback: String(limits.pageSize),
    description: 'The most rows in one page of a list.',
  }),
  MUSTER_MAX_ANSWER_BYTES: variable({
    schema: wholeNumber(65_536, 268_435_456),
    fallback: String(limits.answerBytes),
    description: 'The largest answer, in bytes of its data; past it, TOO_COMPLEX. Streams are apart.',
  }),
  MUSTER_PUBLISH_INTERVAL_MS: variable({
    schema: wholeNumber(100, 3_600_000),
    fallback: String(defaultSettings.publishIntervalMs),
    description: 'The longest time between two publishes of an agent in a small fleet, in milliseconds.',
  }),
  MUSTER_PUBLISHES_PER_SECOND: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: String(defaultSettings.publishesPerSecond),
    description: 'The most publishes a second of the whole fleet: a large fleet is answered with longer intervals.',
  }),
  MUSTER_LEASE_SECONDS: variable({
    schema: wholeNumber(300, 86_400),
    fallback: String(defaultSettings.leaseSeconds),
    description:
      'How long a supervisor counts as alive after a publish, in seconds; at least 300, and at least 3 intervals.',
  }),
  MUSTER_PROVISIONING_DEADLINE_SECONDS: variable({
    schema: wholeNumber(1, 86_400),
    fallback: String(defaultSettings.provisioningDeadlineSeconds),
    description: 'How long a plugin may be PROVISIONING or RE_PROVISIONING until it becomes ERROR, in seconds.',
  }),
  MUSTER_REPLACE_AFTER_SECONDS: variable({
    schema: wholeNumber(0, 30 * 86_400),
    fallback: String(defaultSettings.replaceAfterSeconds),
    description:
      'How long a supervisor may stay DISCONNECTED until its managed plugins are placed elsewhere, in seconds; 0 leaves them.',
  }),
  MUSTER_FORGET_NEWCOMERS_DAYS: variable({
    schema: wholeNumber(0, 3_650),
    fallback: String(defaultSettings.forgetNewcomersDays),
    description:
      'How long a supervisor that was never registered may stay DISCONNECTED until it is deleted, in days; 0: it stays.',
  }),
  MUSTER_FORGET_DISCONNECTED_DAYS: variable({
    schema: wholeNumber(0, 3_650),
    fallback: String(defaultSettings.forgetDisconnectedDays),
    description:
      'How long a registered supervisor may stay DISCONNECTED until it is deleted with its plugins, in days; 0: it stays.',
  }),
  ...quotaVariables,
  MUSTER_EVENT_RETENTION_DAYS: variable({
    schema: wholeNumber(1, 3_650),
    fallback: String(defaultSettings.eventRetentionDays),
    description:
      'How long history is kept at least, and so how long a cursor can be resumed from, in days; then up to an eighth more.',
  }),
  MUSTER_SUBSCRIPTION_BUFFER_EVENTS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: String(defaultSettings.subscriptionBufferEvents),
    description: 'The events that may wait for one subscriber; past it the subscription ends with SLOW_CONSUMER.',
  }),
  MUSTER_SUBSCRIPTION_BUFFER_BYTES: variable({
    schema: wholeNumber(1_024, 1_073_741_824),
    fallback: String(1024 * 1024),
    description: 'The bytes that may wait for one subscriber; past it the subscription ends with SLOW_CONSUMER.',
  }),
  ...transferVariables,
  MUSTER_MAX_CONNECTIONS: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '50000',
    description: 'The most WebSockets and event streams at a time; a further one is refused with 429.',
  }),
  MUSTER_MAX_OPERATIONS_PER_CONNECTION: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '500',
    description: 'The most operations at a time on one WebSocket; a further one ends with RATE_LIMITED.',
  }),
  MUSTER_EVENT_POLL_MS: variable({
    schema: wholeNumber(100, 600_000),
    fallback: String(defaultSettings.eventPollMs),
    description: 'How often the event log is read without a notification, in milliseconds.',
  }),
  MUSTER_SWEEP_INTERVAL_MS: variable({
    schema: wholeNumber(100, 600_000),
    fallback: String(defaultSettings.sweepIntervalMs),
    description: 'The interval of sweeps, which look for expired leases and passed deadlines, in milliseconds.',
  }),
} as const;

/** The configuration, by the names of its variables. */
export type Config = { readonly [Name in keyof typeof variables]: z.output<(typeof variables)[Name]['schema']> };

/**
 * Reads the configuration.
 *
 * @throws ConfigError for the first variable that is wrong or empty, naming it.
 */
export function readConfig(environment: Environment): Config {
  const entries = Object.entries(variables).map(([name, definition]: [string, Variable<z.ZodType>]) => {
    const text = textOf(environment, name) ?? definition.fallback;
    const result = definition.schema.safeParse(text);
    if (result.success) return [name, result.data];
    const came = definition.secret ? 'another text' : JSON.stringify(text);
    throw new ConfigError(`${name}: ${result.error.issues[0]?.message}; got ${came}`);
  });
  return Object.fromEntries(entries);
}

/** The variables that the demo and the tests read, and this server doesn't. */
const othersVariables = /^MUSTER_(URL|TOKEN|DEMO_.*|TEST_.*)$/;

/** Warnings of variables that look like ours and aren't, most often misspelt ones (O10). */
export function unknownVariables(environment: Environment): string[] {
  const names = Object.keys(variables).flatMap((name) => [name, name + fileSuffix]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('MUSTER_') && !othersVariables.test(name) && !names.includes(name))
    .map((name) => {
      const nearest = nearestName(name, names);
      return `${name} is set, and means nothing to this server; ${nearest === null ? 'is it misspelt?' : `is ${nearest} meant?`}`;
    });
}

/** A5: without credentials everybody is ADMIN, so only this machine may reach the server. @throws ConfigError */
export function refuseOpenToTheWorld(config: Pick<Config, 'HOST'>, access: { readonly open: boolean }): void {
  if (access.open && !isLoopback(config.HOST)) {
    throw new ConfigError(
      `HOST: expected a loopback address, since no credentials are configured and everybody would be ADMIN; got ${JSON.stringify(config.HOST)}`,
    );
  }
}

/** Whether a host, as in a URL, is this machine alone. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
