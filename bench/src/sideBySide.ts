import { failuresNamed } from './failuresNamed.ts';

/** The measurements of a way, one a round. */
export interface Course<Way, Measured> {
  readonly way: Way;
  readonly rounds: Measured[];
}

/** Measures each way in a number of rounds; the ways alternate. Prints the progress of `what` on standard error. */
export async function sideBySide<Way extends { readonly name: string }, Measured>(
  what: string,
  ways: readonly Way[],
  rounds: number,
  measure: (way: Way) => Promise<Measured>,
  signal: AbortSignal,
): Promise<Course<Way, Measured>[]> {
  const courses: Course<Way, Measured>[] = ways.map((way) => ({ way, rounds: [] }));
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another way, so that no way always runs after the same one.
    const first = round % courses.length;
    for (const course of [...courses.slice(first), ...courses.slice(0, first)]) {
      signal.throwIfAborted();
      console.error(`${what}, round ${round + 1} of ${rounds}: ${course.way.name}`);
      course.rounds.push(await failuresNamed(course.way.name, measure(course.way)));
    }
  }
  return courses;
}
