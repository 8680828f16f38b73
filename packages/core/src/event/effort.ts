/** Comparisons that take as much time as one point of an operation's cost (docs/limits.md). */
export const comparisonsPerPoint = 10;

/** Counts the comparisons that a feed makes to find out what changes mean to it. */
export class Effort {
  #comparisons = 0;

  /** Counts comparisons that were made. */
  add(comparisons: number): void {
    this.#comparisons += comparisons;
  }

  /** The comparisons since the last call, in points: for charging them. */
  takePoints(): number {
    const points = this.#comparisons / comparisonsPerPoint;
    this.#comparisons = 0;
    return points;
  }
}
