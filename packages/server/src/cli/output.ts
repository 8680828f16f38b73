/** Where a command's output goes. */
export interface Output {
  /** Writes a line that scripts read. */
  out(line: string): void;
  /** Writes a line for people alone. */
  say(line: string): void;
}
