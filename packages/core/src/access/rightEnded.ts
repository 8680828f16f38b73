import { unauthenticated } from '../base/errors.ts';

/** The errors that end a stream whose viewer's right to it has ended (E6). */
export const rightEnded = {
  expired: () => unauthenticated('the credential has expired'),
  revoked: () => unauthenticated('the API key has been revoked'),
  closed: () => unauthenticated('expected a credential, since the server no longer runs open; got none'),
} as const;
