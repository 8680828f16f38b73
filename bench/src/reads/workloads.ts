/** What is asked of every server. The names are those of the bare server's routes. */
export type WorkloadName = 'empty' | 'get' | 'list' | 'stats';

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  /** The operation, in Muster's schema. */
  readonly query: string;
  /** The same, in the schema that PostGraphile makes of the tables; the aliases make its answer the same. */
  readonly postgraphile: string;
  /** Whether each request is for another supervisor, whose id is its variable `id`. */
  readonly isById: boolean;
}

const supervisorFields = 'domainId name hostname state isPublic priority createdAt';
const pluginFields = 'pluginId version state endpoint generation';

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
