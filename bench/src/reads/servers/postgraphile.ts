import { createServer } from 'node:http';
import { Client } from 'pg';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { listen } from '../../servers/listen.ts';
import { databaseUrl, poolSize } from '../../servers/settings.ts';
import { rows } from './statements.ts';

/** PostGraphile over the tables as they are, and a function for the count by state, which its API lacks. */
const client = new Client({ connectionString: databaseUrl });
await client.connect();
await client.query(`
  DROP TYPE IF EXISTS supervisor_stat CASCADE;
  CREATE TYPE supervisor_stat AS (state supervisor_state, count int);
  CREATE FUNCTION supervisor_stats() RETURNS SETOF supervisor_stat LANGUAGE sql STABLE AS $$ ${rows.supervisorStats} $$;
  COMMENT ON FUNCTION supervisor_stats() IS '@behavior +queryField:resource:list -queryField:resource:connection';
`);
await client.end();

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: databaseUrl, schemas: ['public'], poolConfig: { max: poolSize } })],
  grafserv: { graphiql: false, watch: false },
});
const server = createServer();
await pgl.createServ(grafserv).addTo(server);
listen(server);
