import { DomainError } from '@muster/core';
import { tooManyFailures, tooManyLookUps } from '../errors/refusals.ts';
import type { AddressRate } from '../limits/addressRate.ts';

/** How long a look-up waits for those ahead of it, in milliseconds; they take milliseconds, unless the database is away. */
const defaultWaitMs = 5_000;

/** The look-ups of one address. */
interface UnderWay {
  count: number;
  /** Each wakes one look-up that waits; the one that has waited for longest comes first. */
  readonly waiting: Set<() => void>;
}

/**
 * Look-ups of credentials that may fail (W11): of one address no more are under way than it may still have failures, so that
 * it has no more failures than that, however many come at once. Further ones wait, since those ahead may be valid.
 */
export class LookUps {
  readonly #failures: AddressRate;
  readonly #waitMs: number;
  readonly #underWay = new Map<string, UnderWay>();

  /** @param failures the failures that each address may have */
  constructor(failures: AddressRate, waitMs = defaultWaitMs) {
    this.#failures = failures;
    this.#waitMs = waitMs;
  }

  /**
   * Looks a credential up once the address may have one more failure. It has one where `lookUp` rejects with UNAUTHENTICATED.
   *
   * @throws DomainError RATE_LIMITED where the address may have none; UNAVAILABLE after too long a wait; or rejects as `lookUp`
   */
  async run<Found>(address: string, lookUp: () => Promise<Found> | Found): Promise<Found> {
    for (let waitMs = this.#failures.take(address); waitMs > 0; waitMs = this.#failures.take(address)) {
      const ahead = this.#underWay.get(address);
      if (!ahead) throw tooManyFailures(this.#failures.rate.burst, waitMs);
      await this.#oneHasEnded(ahead);
    }
    const own = this.#begin(address);
    try {
      const found = await lookUp();
      this.#failures.giveBack(address);
      return found;
    } catch (error) {
      if (!isUnauthenticated(error)) this.#failures.giveBack(address);
      throw error;
    } finally {
      this.#end(address, own);
    }
  }

  async #oneHasEnded({ waiting }: UnderWay): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.add(resolve);
    const timer = setTimeout(() => {
      waiting.delete(resolve);
      reject(tooManyLookUps());
    }, this.#waitMs);
    await promise.finally(() => clearTimeout(timer));
  }

  #begin(address: string): UnderWay {
    const own = this.#underWay.get(address) ?? { count: 0, waiting: new Set() };
    own.count += 1;
    this.#underWay.set(address, own);
    return own;
  }

  #end(address: string, own: UnderWay): void {
    own.count -= 1;
    if (own.count === 0) this.#underWay.delete(address);
    for (const wake of own.waiting) {
      own.waiting.delete(wake);
      wake();
      // One may go on in place of this one. After the last look-up nobody else would wake the others.
      if (own.count > 0) return;
    }
  }
}

/** Whether a credential was looked up, and is none. */
export function isUnauthenticated(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'UNAUTHENTICATED';
}
