import { variable, wholeNumber } from './variable.ts';

const mib = 1024 * 1024;

/** The settings of what clients read and write slowly, and of what subscriptions cost. */
export const transferVariables = {
  MUSTER_UNSENT_PAUSE_BYTES: variable({
    schema: wholeNumber(65_536, 1_073_741_824),
    fallback: String(mib),
    description: 'The bytes that may wait for one client that does not read; past it nothing more is taken from it.',
  }),
  MUSTER_UNSENT_CLOSE_BYTES: variable({
    schema: wholeNumber(65_536, 1_073_741_824),
    fallback: String(8 * mib),
    description:
      'The bytes that may wait on one connection when a further answer is ready; past it the connection is closed.',
  }),
  MUSTER_UNSENT_BYTES_PER_CREDENTIAL: variable({
    schema: wholeNumber(65_536, 1_099_511_627_776),
    fallback: String(32 * mib),
    description:
      'The bytes that may wait on all connections of one credential; past it the connection that has been behind for longest is closed.',
  }),
  MUSTER_UNREAD_TIMEOUT_SECONDS: variable({
    schema: wholeNumber(1, 3_600),
    fallback: '30',
    description:
      'How long a client may read nothing of an answer over HTTP or gRPC, in seconds; then its connection is closed. WebSockets have pings.',
  }),
  MUSTER_UNFINISHED_BODY_BYTES: variable({
    schema: wholeNumber(65_536, 1_099_511_627_776),
    fallback: String(64 * mib),
    description: 'The bytes of unfinished bodies and messages of all clients together; past it RATE_LIMITED.',
  }),
  MUSTER_UNFINISHED_BODY_BYTES_PER_CLIENT: variable({
    schema: wholeNumber(65_536, 1_099_511_627_776),
    fallback: String(8 * mib),
    description: 'The bytes of unfinished bodies and messages of one client; past it RATE_LIMITED.',
  }),
  MUSTER_MAX_SUBSCRIPTION_COST: variable({
    schema: wholeNumber(1, 1_000_000_000),
    fallback: '5000',
    description: 'The most that one event of a subscription may cost, by the formula in docs/limits.md.',
  }),
  MUSTER_MAX_STARTING_SUBSCRIPTIONS_PER_CREDENTIAL: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: '100',
    description:
      'The subscriptions of one credential that may read their snapshot or history at a time; the others wait for their turn.',
  }),
} as const;
