import { builder } from '../builder.ts';
import type { ServerFacts, ServerSetting } from '../serverFacts.ts';

const DatabaseKind = builder.enumType('DatabaseKind', {
  description: 'The kind of database that a server keeps everything in.',
  values: {
    POSTGRESQL: { value: 'postgresql', description: 'A PostgreSQL, which several servers may share.' },
    EMBEDDED: { value: 'pglite', description: 'The embedded database, which belongs to this one server.' },
  } as const satisfies Record<string, { value: ServerFacts['database']; description: string }>,
});

const ServerSettingRef = builder.objectRef<ServerSetting>('ServerSetting').implement({
  description: 'A setting of a server that is a number: a bound, an interval or a share.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The variable of the environment that sets it.' }),
    value: t.exposeFloat('value', { description: 'The value in force; the description says its unit.' }),
    description: t.exposeString('description', { description: 'What the setting does.' }),
  }),
});

const ServerInfo = builder.objectRef<ServerFacts>('ServerInfo').implement({
  description: 'The server that answers. Behind a load balancer each server answers for itself.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'The version of Muster.' }),
    database: t.expose('database', { type: DatabaseKind, description: 'The kind of its database.' }),
    settings: t.expose('settings', {
      type: [ServerSettingRef],
      description: 'The bounds, intervals and shares in force, by the names of docs/configuration.md.',
    }),
  }),
});

builder.queryField('server', (t) =>
  t.field({
    type: ServerInfo,
    authScopes: { read: true },
    nullable: true,
    description: 'The server that answers, and the bounds that it holds its clients to.',
    resolve: (_root, _args, { server }) => server,
  }),
);
