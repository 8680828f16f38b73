import { createServer } from 'node:http';
import { Client } from 'pg';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { listen } from '../../servers/listen.ts';
import { databaseUrl, poolSize } from '../../servers/settings.ts';
import { exposedSchema, publishFunction } from './postgraphileFunction.ts';

/** PostGraphile over a function that runs Muster's statement. */
const client = new Client({ connectionString: databaseUrl });
await client.connect();
await client.query(publishFunction);
await client.end();

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({ connectionString: databaseUrl, schemas: [exposedSchema], poolConfig: { max: poolSize } }),
  ],
  grafserv: { graphiql: false, watch: false },
});
const server = createServer();
await pgl.createServ(grafserv).addTo(server);
listen(server);
