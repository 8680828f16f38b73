import {
  type Capability,
  can,
  type FoundNode,
  findNodes,
  forbidden,
  type JsonObject,
  kindOfId,
  viewerClient,
} from '@muster/core';
import SchemaBuilder, { type InputFieldBuilder } from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { SchemaContext } from './context.ts';
import type PrismaTypes from './generated/pothos.ts';
import { getDatamodel } from './generated/pothos.ts';
import { Cursor, DateTime, JSONObject } from './scalars.ts';

/** The schema's plugins and scalars. Types add themselves to it, one file a type; schema.ts imports them all. */
export const builder = new SchemaBuilder<{
  Context: SchemaContext;
  AuthScopes: Record<Capability | 'authenticated', boolean>;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultNodeNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSONObject: { Input: JsonObject; Output: JsonObject };
    Cursor: { Input: string; Output: string };
  };
}>({
  plugins: [ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  // What each root field asks of the viewer's role (A1), for readers of the schema; core asks again.
  scopeAuth: {
    authScopes: ({ viewer }) => ({
      authenticated: true,
      read: can(viewer, 'read'),
      operate: can(viewer, 'operate'),
      publish: can(viewer, 'publish'),
      administer: can(viewer, 'administer'),
    }),
    authorizeOnSubscribe: true,
    unauthorizedError: (_parent, { viewer }, { fieldName }) =>
      forbidden(viewer, `the role ${viewer.role} may not ask for ${fieldName}`),
  },
  defaultFieldNullability: false,
  prisma: {
    client: ({ core, viewer }) => viewerClient(core, viewer),
    dmmf: getDatamodel(),
    onUnusedQuery: 'error',
    exposeDescriptions: false,
  },
  relay: {
    cursorType: 'String',
    nodesOnConnection: { description: 'The rows themselves, without their cursors.' },
    edgesFieldOptions: { nullable: { list: false, items: false }, description: 'The rows with their cursors.' },
    nodeFieldOptions: { nullable: false, description: 'The row.' },
    cursorFieldOptions: { description: 'The place of this row in the list: for `after` and `before`.' },
    pageInfoFieldOptions: { description: 'What lies around this page.' },
    pageInfoTypeOptions: { description: 'What lies around a page of a list.' },
    hasNextPageFieldOptions: { description: 'Whether rows follow this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether rows precede this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first row of this page, for `before`.' },
    endCursorFieldOptions: { description: 'The cursor of the last row of this page, for `after`.' },
    firstArgOptions: { description: 'The first so many rows after `after`; 0 to 100, by default 20.' },
    afterArgOptions: { description: 'A cursor of this list in this order: the page begins after that row.' },
    lastArgOptions: { description: 'The last so many rows before `before`, instead of `first`.' },
    beforeArgOptions: { description: 'A cursor of this list in this order: the page ends before that row.' },
    idFieldOptions: { description: 'Its id, which no other thing of any kind has.' },
    nodeTypeOptions: { description: 'Whatever has an id. The id tells its kind by its prefix.' },
    // Ids are the reference's own (`supervisor-0123456789ab`), not Relay's usual base64.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: kindOfId(id) ?? 'Unknown', id }),
    nodeQueryOptions: {
      authScopes: { read: true },
      description: 'Whatever has this id; null where there is nothing, or nothing that you may see.',
      args: { id: { description: 'The id of a supervisor, a plugin or an event.' } },
      resolve: async (_root, { id }, { core, viewer }) => branded((await findNodes(core, viewer, [id.id]))[0] ?? null),
    },
    nodesQueryOptions: {
      authScopes: { read: true },
      description: 'As `node`, for many ids; the answers stand in the order of the ids.',
      args: { ids: { description: 'At most 100 ids.' } },
      resolve: async (_root, { ids }, { core, viewer }) =>
        (
          await findNodes(
            core,
            viewer,
            ids.map((id) => id.id),
          )
        ).map(branded),
    },
  },
});

/** `Node` is an interface: a value says which of its types it is. */
function branded(found: FoundNode | null) {
  return found && { ...found.node, __typename: found.kind };
}

builder.addScalarType('DateTime', DateTime);
builder.addScalarType('JSONObject', JSONObject);
builder.addScalarType('Cursor', Cursor);

builder.queryType({ description: 'Reads. Everything is seen as far as your role and domain reach.' });
builder.mutationType({ description: 'Changes. Each takes one `input` and returns what it changed.' });
builder.subscriptionType({ description: 'What changes, as it changes, over WebSocket or server-sent events.' });
builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many rows match in all, whatever the page; counted only when asked for.',
    resolve: (connection) => (connection as unknown as { totalCount(): Promise<number> }).totalCount(),
  }),
);

type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Inferred> ? Inferred : never;

/** What an input type's `fields` function gets, for those that share some of their fields. */
export type InputFields = InputFieldBuilder<Types, 'InputObject'>;
