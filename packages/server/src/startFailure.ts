import { DomainError } from '@muster/core';
import { DatabaseSetupError, isDatabaseUnavailable } from '@muster/db';
import { ConfigError } from './config/configError.ts';

/**
 * The text about a failure, for the person who started the program: one line where that says what to change (O11), and the
 * stack of a mistake in Muster.
 */
export function textOfFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isForOperators = [ConfigError, DatabaseSetupError, DomainError].some((kind) => error instanceof kind);
  if (isForOperators || 'syscall' in error) return error.message;
  if (isDatabaseUnavailable(error)) return `the database went away: ${error.message}`;
  return error.stack ?? error.message;
}
