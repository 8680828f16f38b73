/** What the reports say, compared with the same supervisor's last. */
export interface Workload {
  readonly title: string;
  /** How many of them say something new, from 0 to 1. */
  readonly changedShare: number;
}

export const workloads: readonly Workload[] = [
  { title: 'nothing changed', changedShare: 0 },
  { title: "one plugin's state changed", changedShare: 1 },
];
