import type { Workload, WorkloadName } from './workloads.ts';

/** How a server wants a request: bare, as Muster's GraphQL, or as PostGraphile's. */
export type Format = 'bare' | 'graphql' | 'postgraphile';

/** What the bare server is asked for. */
export interface BareRequest {
  readonly work: WorkloadName;
  readonly id?: string;
}

/** The bodies of a workload's requests, one for each of `ids` where it is by id. */
export function bodiesOf(format: Format, workload: Workload, ids: readonly string[]): string[] {
  return workload.isById ? ids.map((id) => bodyOf(format, workload, { id })) : [bodyOf(format, workload, {})];
}

function bodyOf(format: Format, { name, query, postgraphile }: Workload, variables: { id?: string }): string {
  switch (format) {
    case 'bare':
      return JSON.stringify({ work: name, ...variables } satisfies BareRequest);
    case 'graphql':
      return JSON.stringify({ query, variables });
    case 'postgraphile':
      return JSON.stringify({ query: postgraphile, variables });
  }
}

/** The bare server's end of `bodiesOf`. */
export function readBare(body: string): BareRequest {
  return JSON.parse(body);
}
