import Fastify from 'fastify';
import mercurius from 'mercurius';
import { Pool } from 'pg';
import { publishReport, sqlOver } from '../../reports/publishReport.ts';
import type { Report } from '../../reports/report.ts';
import { listen } from '../../servers/listen.ts';
import { databaseUrl, drawNextPublishInMs, poolSize } from '../../servers/settings.ts';
import { typeDefs } from './schema.ts';

/** Mercurius with compiled execution, and Muster's statement written by hand. */
const sql = sqlOver(new Pool({ connectionString: databaseUrl, max: poolSize }));

const app = Fastify({ logger: false });
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Mutation: {
      publishSupervisor: async (_: unknown, { input }: { input: Report }) => ({
        supervisor: await publishReport(sql, input),
        nextPublishInMs: drawNextPublishInMs(),
        rejected: [],
      }),
    },
  },
  jit: 1,
});
await app.ready();
listen(app.server);
