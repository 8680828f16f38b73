/**
 * The error of a database that can't be used as configured, where no retry helps: a wrong URL, a data folder that
 * another process holds, a database newer than the code. Its message is for the person who starts the server.
 */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}
