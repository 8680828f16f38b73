import {
  type Capability,
  can,
  findNodes,
  forbidden,
  type JsonObject,
  kindOfId,
  type Page,
  viewerClient,
} from '@muster/core';
import type { Prisma } from '@muster/db';
import SchemaBuilder, { type InputFieldBuilder } from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { branded } from './branded.ts';
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
    // A row's JSON columns are typed as any JSON.
    JSONObject: { Input: JsonObject; Output: JsonObject | Prisma.JsonValue };
    Cursor: { Input: string; Output: string };
  };
}>({
  plugins: [ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  // The capability that each root field requires of the viewer's role (A1), for readers of the schema; core checks it
  // again.
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
    nodesOnConnection: { description: 'The objects of this page, without their cursors.' },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      description: 'The objects of this page, each with its cursor.',
    },
    nodeFieldOptions: { nullable: false, description: 'The object.' },
    cursorFieldOptions: {
      description: 'The place of this object in the list: give it as `after` or `before` to read on from here.',
    },
    pageInfoFieldOptions: { description: 'Whether there are further pages, and the cursors to read them.' },
    pageInfoTypeOptions: { description: 'Whether a list has further pages, and the cursors to read them.' },
    hasNextPageFieldOptions: { description: 'Whether objects of the list follow this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether objects of the list precede this page.' },
    startCursorFieldOptions: {
      description: 'The cursor of the first object of this page, for `before`; null for an empty page.',
    },
    endCursorFieldOptions: {
      description: 'The cursor of the last object of this page, for `after`; null for an empty page.',
    },
    firstArgOptions: {
      description:
        'The maximum number of objects, counted from the start of the list or from `after`: 0 to 100. Default: 20. Not together with `last` or `before`.',
    },
    afterArgOptions: {
      description: 'Start the page behind this cursor. It must come from the same list in the same order.',
    },
    lastArgOptions: {
      description:
        'The maximum number of objects, counted back from the end of the list or from `before`: 0 to 100. Not together with `first` or `after`.',
    },
    beforeArgOptions: {
      description: 'End the page in front of this cursor. It must come from the same list in the same order.',
    },
    idFieldOptions: { description: 'The id, unique among all objects of all types.' },
    nodeTypeOptions: {
      description: 'An object with an id that is unique among all objects. The prefix of the id tells the type.',
    },
    // Ids are the reference's own (`supervisor-0123456789ab`), not Relay's usual base64.
    encodeGlobalID: (_typename, id) => String(id),
    decodeGlobalID: (id) => ({ typename: kindOfId(id) ?? 'Unknown', id }),
    nodeQueryOptions: {
      authScopes: { read: true },
      description: 'The object with this id; null where there is none that you may see.',
      args: {
        id: {
          description: 'The id of a supervisor, a plugin, an event, a rollout, a deployment, a release or an API key.',
        },
      },
      resolve: async (_root, { id }, { core, viewer }) => branded((await findNodes(core, viewer, [id.id]))[0] ?? null),
    },
    nodesQueryOptions: {
      authScopes: { read: true },
      nullable: { list: true, items: true },
      description:
        'The objects with these ids, in the order of the ids; null in place of each that you may not see, or that does not exist.',
      args: {
        ids: {
          description:
            'Ids of supervisors, plugins, events, rollouts, deployments, releases and API keys; at most 100.',
        },
      },
      resolve: async (_root, { ids }, { core, viewer }) => {
        const found = await findNodes(
          core,
          viewer,
          ids.map(({ id }) => id),
        );
        return found.map(branded);
      },
    },
  },
});

/** The page without a promise in its type: the schema's library doesn't know that GraphQL waits for any field. */
export function connection<Model>(page: Page<Model>) {
  return page as Page<Model> & {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
  };
}

builder.addScalarType('DateTime', DateTime);
builder.addScalarType('JSONObject', JSONObject);
builder.addScalarType('Cursor', Cursor);

builder.queryType({ description: 'Reads. Every answer is limited to your role and domain.' });
builder.mutationType({
  description: 'Changes. Each mutation takes one `input` and returns the objects that it changed.',
});
builder.subscriptionType({
  description: 'Streams of changes in the order in which they were committed, over WebSocket or server-sent events.',
});
builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'The number of objects that match, whatever the page. Counted only when asked for.',
    resolve: (connection) => (connection as unknown as { totalCount(): Promise<number> }).totalCount(),
  }),
);

/** The types that the builder was made with. */
export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Inferred> ? Inferred : never;

/** The builder that an input type's `fields` function gets, for input types that share fields. */
export type InputFields = InputFieldBuilder<Types, 'InputObject'>;

/** The builder that an object type's `fields` function gets, for object types that share fields. */
export type ObjectFields<Shape> = PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>;

/** The builder that `args` takes its arguments from, for fields that share arguments. */
export type Arguments = PothosSchemaTypes.QueryFieldBuilder<Types, Types['Root']>['arg'];
