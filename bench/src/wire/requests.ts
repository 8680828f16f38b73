import { formatBody } from '../reports/format.ts';
import { createReport, type Report } from '../reports/report.ts';
import { nested, text, whole } from './protobuf.ts';
import type { WayName } from './ways.ts';
import { listed, type WorkloadName } from './workloads.ts';

/** The requests of a workload. */
export interface Requests {
  readonly path: string;
  /** Sent in turn. */
  readonly bodies: readonly Buffer[];
}

const graphqlList = `{ supervisors(first: ${listed}) {
  totalCount
  nodes { id name hostname state isPublic priority labels tags domainId createdAt updatedAt }
} }`;

const paths: Record<Exclude<WayName, 'graphql'>, Record<WorkloadName, string>> = {
  rest: { publish: '/plugin/v1/supervisors', list: '/plugin/v1/supervisors/search' },
  grpc: {
    publish: '/spaceone.api.plugin.v1.Supervisor/publish',
    list: '/spaceone.api.plugin.v1.Supervisor/list',
  },
};

/** Creates all requests of a workload beforehand, so that sending them costs little. */
export function createRequests(way: WayName, workload: WorkloadName, supervisors: number, plugins: number): Requests {
  const path = way === 'graphql' ? '/graphql' : paths[way][workload];
  if (workload === 'list') return { path, bodies: [listBody(way)] };
  const reports = Array.from({ length: supervisors }, (_, index) => createReport(index, plugins, false));
  return { path, bodies: reports.map((report) => publishBody(way, report)) };
}

function listBody(way: WayName): Buffer {
  switch (way) {
    case 'graphql':
      return Buffer.from(JSON.stringify({ query: graphqlList }));
    case 'rest':
      return Buffer.from(JSON.stringify({ query: { page: { start: 1, limit: listed } } }));
    case 'grpc':
      return nested(1, nested(4, whole(1, 1), whole(2, listed)));
  }
}

function publishBody(way: WayName, report: Report): Buffer {
  const { domainId: domain_id, name, hostname, plugins } = report;
  switch (way) {
    case 'graphql':
      return Buffer.from(formatBody('graphql', report));
    case 'rest': {
      const plugin_info = plugins.map(({ pluginId, ...rest }) => ({ plugin_id: pluginId, ...rest }));
      return Buffer.from(JSON.stringify({ domain_id, name, hostname, plugin_info }));
    }
    case 'grpc':
      return Buffer.concat([
        text(1, name),
        text(2, hostname),
        ...plugins.map(({ pluginId, version, state, endpoint }) =>
          nested(4, text(1, pluginId), text(2, version), whole(3, state === 'ACTIVE' ? 2 : 4), text(4, endpoint)),
        ),
        text(21, domain_id),
      ]);
  }
}
