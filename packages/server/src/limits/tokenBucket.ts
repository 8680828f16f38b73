/** How fast something may happen: tokens come back at a steady rate, up to a full bucket. */
export interface TokenRate {
  /** The tokens of a full bucket. */
  readonly burst: number;
  /** The tokens that come back in a second. */
  readonly perSecond: number;
}

/** One client's tokens. */
export class TokenBucket {
  readonly #rate: TokenRate;
  #left: number;
  #atMs: number;

  /** @param nowMs milliseconds that only go forward, as in the other methods */
  constructor(rate: TokenRate, nowMs: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes a token. @returns 0; or, where none is left, the milliseconds until there is one again */
  take(nowMs: number): number {
    const left = this.#refill(nowMs);
    if (left < 1) return Math.ceil(((1 - left) * 1_000) / this.#rate.perSecond);
    this.#left -= 1;
    return 0;
  }

  /** Gives a token back that was taken. */
  giveBack(nowMs: number): void {
    this.#left = Math.min(this.#rate.burst, this.#refill(nowMs) + 1);
  }

  isFull(nowMs: number): boolean {
    return this.#refill(nowMs) >= this.#rate.burst;
  }

  #refill(nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) * perSecond) / 1_000);
    this.#atMs = nowMs;
    return this.#left;
  }
}
