/** The reports to send, compared with the last ones of the same supervisor. */
export interface Workload {
  readonly title: string;
  /** Share of the reports with a change, from 0 to 1. */
  readonly changedShare: number;
}

/** The workloads, in the order of the tables. */
export const workloads: readonly Workload[] = [
  { title: 'nothing changed', changedShare: 0 },
  { title: "one plugin's state changed", changedShare: 1 },
];
