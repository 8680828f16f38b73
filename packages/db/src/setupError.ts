/**
 * The database can't be used as configured, and no retry helps: a wrong URL, a data folder that another process
 * holds, a database newer than the code. The message is meant for the person who starts the server.
 */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}
