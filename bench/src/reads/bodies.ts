import type { Workload, WorkloadName } from './workloads.ts';

/** How a server takes requests: bare, as Muster's GraphQL, or as PostGraphile's. */
export type Format = 'bare' | 'graphql' | 'postgraphile';

/** A request to the bare server. */
interface BareRequest {
  readonly work: WorkloadName;
  readonly id?: string;
}

/** Creates the bodies of a workload's requests, one for each of `ids` if requests differ by id. */
export function createBodies(format: Format, workload: Workload, ids: readonly string[]): string[] {
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

/** Parses a request to the bare server. */
export function parseBareRequest(body: string): BareRequest {
  return JSON.parse(body);
}
