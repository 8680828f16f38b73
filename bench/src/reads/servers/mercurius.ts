import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Pool } from 'pg';
import { listen } from '../../servers/listen.ts';
import { databaseUrl, poolSize } from '../../servers/settings.ts';
import { DateTime, typeDefs } from './schema.ts';
import { rows } from './statements.ts';

/** Mercurius with compiled execution, SQL written by hand, and a loader for the plugins. */
const pool = new Pool({ connectionString: databaseUrl, max: poolSize });

interface PluginRow {
  readonly supervisorId: string;
}

async function query<Row extends object>(name: keyof typeof rows, values: unknown[] = []): Promise<Row[]> {
  return (await pool.query<Row>({ name, text: rows[name], values })).rows;
}

const app = Fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    DateTime,
    Query: {
      supervisor: async (_: unknown, { id }: { id: string }) => (await query('supervisor', [id]))[0] ?? null,
      supervisors: (_: unknown, { first }: { first: number }) => ({ first }),
      supervisorStats: () => query('supervisorStats'),
    },
    SupervisorConnection: {
      totalCount: async () => (await query<{ count: number }>('supervisorCount'))[0]?.count,
      nodes: ({ first }: { first: number }) => query('supervisors', [first]),
    },
  },
  loaders: {
    Supervisor: {
      plugins: async (asked: readonly { obj: { id: string }; params: { first: number } }[]) => {
        const ids = asked.map(({ obj }) => obj.id);
        const found = await query<PluginRow>('pluginsOf', [ids, asked[0]?.params.first]);
        const bySupervisor = Map.groupBy(found, ({ supervisorId }) => supervisorId);
        return ids.map((id) => ({ nodes: bySupervisor.get(id) ?? [] }));
      },
    },
  },
  jit: 1,
});
await app.ready();
listen(app.server);
