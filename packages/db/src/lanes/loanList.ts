import type { AnyLoan } from './loan.ts';

/** The loans of a lane, in any order. It keeps nothing of a loan that was taken out, as a Set would (see queue.ts). */
export class LoanList implements Iterable<AnyLoan> {
  readonly #loans: AnyLoan[] = [];

  add(loan: AnyLoan): void {
    loan.index = this.#loans.length;
    this.#loans.push(loan);
  }

  /** Takes a loan out. Idempotent. */
  remove(loan: AnyLoan): void {
    if (loan.index === undefined) return;
    const last = this.#loans.pop();
    if (last && last !== loan) {
      this.#loans[loan.index] = last;
      last.index = loan.index;
    }
    loan.index = undefined;
  }

  /** Goes through the loans of this moment. */
  [Symbol.iterator](): Iterator<AnyLoan> {
    return [...this.#loans][Symbol.iterator]();
  }
}
