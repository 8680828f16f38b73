export type WorkloadName = 'publish' | 'list';

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
}

/** Supervisors in a list. */
export const listed = 20;

export const workloads: readonly Workload[] = [
  { name: 'publish', title: "an agent's report in which nothing changed" },
  { name: 'list', title: `the first ${listed} supervisors by name, 11 fields, and how many there are in all` },
];
