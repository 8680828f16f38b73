/** The name of a workload; the bare server knows requests by it. */
export type WorkloadName = 'empty' | 'get' | 'list' | 'stats';

/** A read that every server answers. */
export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  /** The operation, in Muster's schema. */
  readonly query: string;
  /** The operation in the schema that PostGraphile derives from the tables, with aliases that make its answer the same. */
  readonly postgraphile: string;
  /** Whether requests differ by the id of a supervisor, the variable `id`. */
  readonly isById: boolean;
}

const supervisorFields = 'domainId name hostname state isPublic priority createdAt';
const pluginFields = 'pluginId version state endpoint generation';

/** The workloads, in the order of the tables. */
export const workloads: readonly Workload[] = [
  {
    name: 'empty',
    title: 'nothing that needs the database: { __typename }',
    query: '{ __typename }',
    postgraphile: '{ __typename }',
    isById: false,
  },
  {
    name: 'get',
    title: 'one supervisor by its id, 8 fields',
    query: `query ($id: ID!) { supervisor(id: $id) { id ${supervisorFields} } }`,
    postgraphile: `query ($id: String!) { supervisor: supervisorByRowId(rowId: $id) { id: rowId ${supervisorFields} } }`,
    isById: true,
  },
  {
    name: 'list',
    title:
      'the first 20 supervisors by name, 8 fields, each with its 10 plugins, 6 fields, and how many there are in all',
    query: `{ supervisors(first: 20) {
      totalCount
      nodes { id ${supervisorFields} plugins(first: 20) { nodes { id ${pluginFields} } } }
    } }`,
    postgraphile: `{ supervisors: allSupervisors(first: 20, orderBy: [NAME_ASC]) {
      totalCount
      nodes {
        id: rowId ${supervisorFields}
        plugins: pluginsBySupervisorId(first: 20, orderBy: [PLUGIN_ID_ASC, VERSION_ASC]) {
          nodes { id: rowId ${pluginFields} }
        }
      }
    } }`,
    isById: false,
  },
  {
    name: 'stats',
    title: 'how many supervisors are in which state',
    query: '{ supervisorStats(groupBy: [STATE]) { state count } }',
    postgraphile: '{ supervisorStats: supervisorStatsList { state count } }',
    isById: false,
  },
];
