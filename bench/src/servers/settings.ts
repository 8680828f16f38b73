/** URL of the server's database: the argument that its process is started with. */
export const databaseUrl = process.argv[2] ?? '';

/** Number of database connections, Muster's default. */
export const poolSize = 10;

/** Draws the pause before an agent's next publish, as Muster's rule does for a small fleet. */
export function drawNextPublishInMs(): number {
  return Math.ceil(10_000 * Math.random());
}
