/** A workload's name for the command line. */
export type WorkloadName = 'publish' | 'list';

/** The requests that are measured. */
export interface Workload {
  readonly name: WorkloadName;
  /** The workload in words, for the table. */
  readonly title: string;
}

/** The number of supervisors in a list. */
export const listed = 20;

/** The workloads, in the order of the tables. */
export const workloads: readonly Workload[] = [
  { name: 'publish', title: "an agent's report in which nothing changed" },
  { name: 'list', title: `the first ${listed} supervisors by name, 11 fields, and how many there are in all` },
];
