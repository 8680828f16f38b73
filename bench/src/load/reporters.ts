import { type Format, formatBody } from '../reports/format.ts';
import { createReport } from '../reports/report.ts';

/** The reports of all supervisors, two each, created beforehand so that sending them costs little. */
export interface Reporters {
  /** The body of a supervisor's next report, which differs from the last if `isChange`. */
  next(supervisor: number, isChange: boolean): string;
}

/** Creates the reports. */
export function createReporters(format: Format, supervisors: number, plugins: number): Reporters {
  const bodies = [false, true].map((isFlipped) =>
    Array.from({ length: supervisors }, (_, index) => formatBody(format, createReport(index, plugins, isFlipped))),
  );
  /** Which of its two reports each supervisor sent last. */
  const lastSent = new Uint8Array(supervisors);
  return {
    next: (supervisor, isChange) => {
      const which = (lastSent[supervisor] ?? 0) ^ Number(isChange);
      lastSent[supervisor] = which;
      return bodies[which]?.[supervisor] ?? '';
    },
  };
}
