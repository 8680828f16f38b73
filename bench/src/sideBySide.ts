import { failuresNamed } from './failuresNamed.ts';

/** All that was measured of one way: its rounds. */
export interface Course<Way, Measured> {
  readonly way: Way;
  readonly rounds: Measured[];
}

/** Measures each way so many times; they alternate. Says on standard error how far it is with `what`. */
export async function sideBySide<Way extends { readonly name: string }, Measured>(
  what: string,
  ways: readonly Way[],
  rounds: number,
  measure: (way: Way) => Promise<Measured>,
  signal: AbortSignal,
): Promise<Course<Way, Measured>[]> {
  const courses: Course<Way, Measured>[] = ways.map((way) => ({ way, rounds: [] }));
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another, so that none always has the same one's aftermath to run in.
    const first = round % courses.length;
    for (const course of [...courses.slice(first), ...courses.slice(0, first)]) {
      signal.throwIfAborted();
      console.error(`${what}, round ${round + 1} of ${rounds}: ${course.way.name}`);
      course.rounds.push(await failuresNamed(course.way.name, measure(course.way)));
    }
  }
  return courses;
}
