/** A bench, as the command line runs it. */
export interface Bench {
  /** One line for the list of benches. */
  readonly summary: string;
  /** The text of `--help`. */
  readonly usage: string;
  /**
   * Measures, and returns the results as tables for people.
   *
   * @throws BenchError if an option is wrong, or the figures would mean nothing
   */
  report(args: string[], signal: AbortSignal): Promise<string>;
}
