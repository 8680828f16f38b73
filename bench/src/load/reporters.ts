import { bodyOf, type Format } from '../reports/format.ts';
import { reportOf } from '../reports/report.ts';

/** All supervisors, each with the two reports that it has by turns: made beforehand, so that the load costs little. */
export interface Reporters {
  /** The body of a supervisor's next report; a change is one against its last. */
  next(supervisor: number, isChange: boolean): string;
}

export function createReporters(format: Format, supervisors: number, plugins: number): Reporters {
  const bodies = [false, true].map((isFlipped) =>
    Array.from({ length: supervisors }, (_, index) => bodyOf(format, reportOf(index, plugins, isFlipped))),
  );
  const turns = new Uint8Array(supervisors);
  return {
    next: (supervisor, isChange) => {
      const turn = (turns[supervisor] ?? 0) ^ Number(isChange);
      turns[supervisor] = turn;
      return bodies[turn]?.[supervisor] ?? '';
    },
  };
}
