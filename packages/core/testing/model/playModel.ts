import type { Random } from '../random.ts';
import { Crowd, chanceOf, type ModelWorld } from './crowd.ts';
import { type ModelName, modelRuns, replayCommand, worldsTogether } from './modelRuns.ts';

/**
 * A model of rules, and how it is played against the product. Each round every world takes one step; then
 * something may happen to all of them at once, such as that time passes, since they share the clock.
 */
export interface PlayedModel<World extends ModelWorld, Together> {
  readonly name: ModelName;
  readonly rounds: number;
  /** Makes a world for each seed. */
  open(seeds: readonly number[]): Promise<World[]>;
  /** Whether a world's own step may do something in others, too: these come first. Default: none does. */
  readonly reachesOthers?: (random: Random) => boolean;
  /** A world's own step; a refusal that the rules allow is not thrown. */
  act(world: World, random: Random): Promise<void>;
  /** Chooses something that happens to all worlds at the end of a round; null for nothing. */
  choose(random: Random): Together | null;
  actTogether(crowd: Crowd<World>, together: Together): Promise<void>;
  /** Compares each world with what its rules ask for. */
  check(crowd: Crowd<World>): Promise<void>;
  /** Brings what is under way to its end, and checks that it does. */
  end(crowd: Crowd<World>): Promise<void>;
  /** Removes the rows of all these worlds. */
  close(worlds: readonly World[]): Promise<void>;
}

/** Failures after which no more runs are played. */
const mostFailures = 5;
/** How often a run is tried that has failed once. */
const mostTries = 5;
const progressMs = 10_000;

/** The database of a model: a few connections, since others may be at work on the same PostgreSQL. */
export const modelDatabase = { poolSize: 40 };

/** How long a model may take, with all runs that are asked for. */
export function modelTimeoutMs(): number {
  return 120_000 + 10_000 * modelRuns(1).count;
}

/**
 * Plays a model `usual` times, or as often as the run says.
 *
 * @throws Error that names the seed of each run that failed, the steps that it needs to fail, and how to play it again
 */
export async function playModel<World extends ModelWorld, Together>(
  model: PlayedModel<World, Together>,
  usual: number,
): Promise<void> {
  const { count, firstSeed, tellsProgress } = modelRuns(usual);
  const seeds = Array.from({ length: count }, (_, i) => firstSeed + i);
  const failures = new Map<number, unknown>();
  const tell = (line: string) => tellsProgress && process.stdout.write(`${model.name}: ${line}\n`);
  let played = 0;
  let toldMs = performance.now();
  for (const group of Map.groupBy(seeds, groupOf).values()) {
    for (const [seed, error] of await playGroup(model, group)) {
      failures.set(seed, error);
      tell(`seed ${seed} failed: ${messageOf(error)}`);
    }
    played += group.length;
    if (failures.size >= mostFailures) break;
    if (performance.now() - toldMs < progressMs) continue;
    tell(`played ${played} of ${count} runs, seeds ${firstSeed} to ${firstSeed + played - 1}; ${failures.size} failed`);
    toldMs = performance.now();
  }
  tell(`played ${played} runs, seeds ${firstSeed} to ${firstSeed + played - 1}; ${failures.size} failed`);
  const [first] = failures;
  if (!first) return;
  const told = [...failures]
    .slice(0, mostFailures)
    .map(([seed, error]) => `${replayCommand(model.name, seed)}\n  ${messageOf(error)}`);
  throw new Error(
    `${failures.size} of ${played} runs failed; each again by its command:\n${told.join('\n')}\n${await shrink(model, first)}`,
  );
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const without = <Item>(items: readonly Item[], left: readonly Item[]) => items.filter((item) => !left.includes(item));
const groupOf = (seed: number) => Math.floor(seed / worldsTogether);

/** Plays the worlds of one group of seeds, but for the steps to skip; returns what failed, by seed. */
async function playGroup<World extends ModelWorld, Together>(
  model: PlayedModel<World, Together>,
  seeds: readonly number[],
  skipped: ReadonlySet<number> = new Set(),
): Promise<ReadonlyMap<number, unknown>> {
  const group = groupOf(seeds[0] ?? 0);
  const worlds = await model.open(seeds);
  const crowd = new Crowd(worlds);
  try {
    for (let round = 0; round < model.rounds && crowd.worlds.length > 0; round++) {
      crowd.begin(round);
      if (!skipped.has(2 * round)) {
        const act = (world: World) => model.act(world, crowd.chance(world, 'act'));
        const reaching = crowd.worlds.filter((world) => model.reachesOthers?.(crowd.chance(world, 'act')));
        if (reaching.length > 0) {
          await crowd.each(act, reaching);
          await model.check(crowd);
        }
        await crowd.each(act, without(crowd.worlds, reaching));
        await model.check(crowd);
      }
      const together = model.choose(chanceOf(group, round, 'together'));
      if (together === null || skipped.has(2 * round + 1)) continue;
      await model.actTogether(crowd, together);
      await model.check(crowd);
    }
    crowd.begin(model.rounds);
    if (crowd.worlds.length > 0) await model.end(crowd);
  } finally {
    await model.close(worlds);
  }
  return crowd.failures;
}

/** Plays a run that failed alone, and leaves out steps as long as it goes on failing; says what is left. */
async function shrink<World extends ModelWorld, Together>(
  model: PlayedModel<World, Together>,
  [seed]: readonly [number, unknown],
): Promise<string> {
  const play = async (skipped: ReadonlySet<number>) => {
    // The product draws its ids, and chooses among equals, by another chance.
    for (let tries = 0; tries < mostTries; tries++) {
      const error = (await playGroup(model, [seed], skipped)).get(seed);
      if (error !== undefined) return error;
    }
    return undefined;
  };
  let error = await play(new Set());
  if (error === undefined)
    return `seed ${seed} passed when it was played alone; with its group: ${replayCommand(model.name, groupOf(seed) * worldsTogether, worldsTogether)}`;
  const skipped = new Set<number>();
  for (let size = model.rounds; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < 2 * model.rounds; from += size) {
      const steps = Array.from({ length: size }, (_, i) => from + i).filter((step) => !skipped.has(step));
      if (steps.length === 0) continue;
      const smaller = await play(new Set([...skipped, ...steps]));
      if (smaller === undefined) continue;
      error = smaller;
      for (const step of steps) skipped.add(step);
    }
  }
  return `with as few steps as possible, seed ${seed}: ${messageOf(error)}`;
}
