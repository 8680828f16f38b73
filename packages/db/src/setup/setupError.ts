/**
 * The error of a database that can't be used as configured: a wrong URL, a data folder that another process holds, a
 * database newer than the code. Its message is one line for the person who starts the server, and says what to change.
 */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
  /** Whether it may pass by itself, so that a start waits for a while: a database that is away, or is a standby still. */
  readonly mayPass: boolean;

  constructor(message: string, options: ErrorOptions & { readonly mayPass?: boolean } = {}) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), options);
    this.mayPass = options.mayPass ?? false;
  }
}
