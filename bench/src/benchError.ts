/** A run that can't go on, or whose figures would mean nothing. Its message is for people; the stack would tell them nothing. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
