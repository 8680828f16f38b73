/** The name of a workload. */
export type WorkloadName = 'publish' | 'list';

/** A request that every way has. */
export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
}

/** Number of supervisors in a list. */
export const listed = 20;

/** The workloads, in the order of the tables. */
export const workloads: readonly Workload[] = [
  { name: 'publish', title: "an agent's report in which nothing changed" },
  { name: 'list', title: `the first ${listed} supervisors by name, 11 fields, and how many there are in all` },
];
