import { DomainError } from '../base/errors.ts';

/** UNAUTHENTICATED: what was expected of the credential, and what is wrong with the one that came. */
export function unauthenticated(problem: string): DomainError {
  return new DomainError('UNAUTHENTICATED', problem);
}

/** What ends a stream whose viewer's right to it has ended (E6). */
export const rightEnded = {
  expired: () => unauthenticated('the credential has expired'),
  revoked: () => unauthenticated('the API key has been revoked'),
  closed: () => unauthenticated('expected a credential, since the server no longer runs open; got none'),
} as const;
