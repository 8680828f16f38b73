import { createRandom, type Random } from '../random.ts';

/** One run of a model, in domains that no other run has, and the steps that it has taken, for people. */
export interface ModelWorld {
  readonly seed: number;
  readonly told: string[];
}

/** Worlds that work on the database at once: more would only wait for connections. */
const widest = 8;

/**
 * Worlds that are played side by side. They share a database, its core, the clock and the sweeps; a world that fails
 * leaves, and the others go on.
 */
export class Crowd<World extends ModelWorld> {
  readonly failures = new Map<number, unknown>();
  #worlds: readonly World[];
  #round = 0;

  constructor(worlds: readonly World[]) {
    this.#worlds = worlds;
  }

  /** The worlds that have not failed. */
  get worlds(): readonly World[] {
    return this.#worlds;
  }

  /** From now on chance is that of this round. */
  begin(round: number): void {
    this.#round = round;
  }

  /** Chance in one world, for one purpose of the round: what other rounds or worlds do changes nothing in it. */
  chance({ seed }: ModelWorld, purpose: string): Random {
    return chanceOf(seed, this.#round, purpose);
  }

  /** Does some work in each world, or in those given. */
  async each(work: (world: World) => unknown, worlds = this.#worlds): Promise<void> {
    const left = [...worlds];
    const workOff = async () => {
      for (let world = left.shift(); world; world = left.shift()) {
        try {
          await work(world);
        } catch (error) {
          this.#fail(world, error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(widest, left.length) }, workOff));
  }

  #fail({ seed, told }: World, error: unknown): void {
    if (this.failures.has(seed)) return;
    const { message } = error instanceof Error ? error : new Error(String(error));
    this.failures.set(seed, new Error(`${message}\n  after: ${told.join(' ')}`, { cause: error }));
    this.#worlds = this.#worlds.filter((world) => world.seed !== seed);
  }
}

/** Random choices that depend on all of the given, and on nothing else. */
export function chanceOf(seed: number, round: number, purpose: string): Random {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(round + 1, 0xc2b2ae35);
  for (const letter of purpose) mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return createRandom(mixed ^ (mixed >>> 15));
}
