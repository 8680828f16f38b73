import { DomainError } from '@muster/core';

/** TOO_COMPLEX, with HTTP status 400 wherever the refusal comes from. */
export function tooComplex(message: string, details: Record<string, unknown> = {}): DomainError {
  return new DomainError('TOO_COMPLEX', message, { ...details, http: { status: 400 } });
}
