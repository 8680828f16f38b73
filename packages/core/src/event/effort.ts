/** Comparisons that take as much time as one point of an operation's cost (docs/limits.md). */
export const comparisonsPerPoint = 10;

/** Counts the comparisons that a feed makes to find out what changes mean to it. */
export class Effort {
  #comparisons = 0;
  /**
   * Takes points for long work that has given no item yet, such as reading history. Returns what to wait for before the
   * work goes on. Absent where nobody pays.
   */
  payer: ((points: number) => Promise<void> | undefined) | undefined;

  /** Counts comparisons that were made. */
  add(comparisons: number): void {
    this.#comparisons += comparisons;
  }

  /** Has the work since the last call paid for. Returns what to wait for before more is done. */
  pay(): Promise<void> | undefined {
    return this.payer?.(this.takePoints());
  }

  /** The comparisons since the last call, in points: for charging them. */
  takePoints(): number {
    const points = this.#comparisons / comparisonsPerPoint;
    this.#comparisons = 0;
    return points;
  }
}
