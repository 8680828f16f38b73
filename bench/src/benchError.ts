/** An error of a run that can't go on, or whose figures would mean nothing; its message is enough for a person. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
