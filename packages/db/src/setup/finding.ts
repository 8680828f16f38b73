import { DatabaseSetupError } from './setupError.ts';

/** The outcome of a check of the set-up. */
export interface Finding {
  /** The thing that was checked: `database`, `rights`. */
  readonly subject: string;
  /** With a failure, no server starts; a warning is logged. */
  readonly level: 'ok' | 'warning' | 'failure';
  /** One line: what is so, or what to change. */
  readonly message: string;
  /** Whether a failure may pass by itself. */
  readonly mayPass?: boolean;
}

/** A finding of an error that says what to change. @throws the error, if it is another one */
export function findingOf(subject: string, error: unknown): Finding {
  if (!(error instanceof DatabaseSetupError)) throw error;
  return { subject, level: 'failure', message: error.message, mayPass: error.mayPass };
}

/** Calls `warn` with each warning. @throws DatabaseSetupError for the first failure */
export function refuseFailures(findings: readonly Finding[], warn: (message: string) => void): void {
  for (const { level, message, mayPass = false } of findings) {
    if (level === 'failure') throw new DatabaseSetupError(message, { mayPass });
    if (level === 'warning') warn(message);
  }
}
