import type { Report } from './report.ts';

/** How a server takes a report: as JSON, as Muster's mutation, or as the mutation that PostGraphile derives from a function. */
export type Format = 'bare' | 'graphql' | 'postgraphile';

const mutation = `mutation Publish($input: PublishSupervisorInput!) {
  publishSupervisor(input: $input) { supervisor { id state } nextPublishInMs rejected { index } }
}`;

const postgraphileMutation = `mutation Publish($report: JSON!) {
  publishSupervisor(input: { report: $report }) { result { id: rowId state nextPublishInMs } }
}`;

/** Formats a request's body. */
export function formatBody(format: Format, report: Report): string {
  switch (format) {
    case 'bare':
      return JSON.stringify(report);
    case 'graphql':
      return JSON.stringify({ query: mutation, variables: { input: report } });
    case 'postgraphile':
      return JSON.stringify({ query: postgraphileMutation, variables: { report } });
  }
}

/** Whether a reply says that the report was accepted: it has the supervisor, and no error. */
export function isTaken(status: number, reply: string): boolean {
  return status === 200 && reply.includes('"id":"supervisor-') && !reply.includes('"errors":[');
}
