import { getRelease, listReleases, type ReleaseInfo, type releaseOrderFields } from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { OrderDirection } from '../inputs/filters.ts';
import { ReleaseFilter } from '../inputs/releaseFilter.ts';
import { ReleaseSpec } from './releaseSpec.ts';

const ReleaseRef = builder.objectRef<ReleaseInfo>('Release');

/** A version of a plugin in the catalogue. */
export const Release = builder.node(ReleaseRef, {
  description:
    'A version of a plugin in the catalogue, with its make. It was published once and never changes, but that it may be retired.',
  id: { resolve: ({ id }) => id, description: 'The id: `release-` and 12 hex digits.' },
  fields: (t) => ({
    domainId: t.exposeID('domainId', {
      nullable: true,
      description: 'The domain (tenant) whose release it is; null for a public release, which is for all.',
    }),
    isPublic: t.exposeBoolean('isPublic', {
      description: 'Whether it is for all domains. The own release of a domain comes before the public one.',
    }),
    pluginId: t.exposeString('pluginId', { description: 'The plugin id, which names the software.' }),
    version: t.exposeString('version', { description: 'The version of the software.' }),
    spec: t.expose('spec', { type: ReleaseSpec, description: 'The make of the version.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the publication.' }),
    createdBy: t.exposeString('createdBy', { description: 'The subject that published it.' }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time since which the version is placed no more; null while it may be placed.',
    }),
    retiredBy: t.exposeString('retiredBy', {
      nullable: true,
      description: 'The subject that retired it; null while it is not retired.',
    }),
  }),
});

const ReleaseConnection = builder.connectionObject(
  { type: ReleaseRef, name: 'ReleaseConnection', description: 'A page of releases.' },
  { name: 'ReleaseEdge', description: 'A release in a page.' },
);

const ReleaseOrderField = builder.enumType('ReleaseOrderField', {
  description: 'A field by which releases can be ordered.',
  values: {
    ID: { description: 'The id.' },
    PLUGIN_ID: { description: 'The plugin id, which names the software.' },
    VERSION: {
      description:
        'The version: semantic versions by their precedence, a leading `v` ignored, above all other texts, which are in natural order.',
    },
    CREATED_AT: { description: 'The time of the publication.' },
  } as const satisfies Record<keyof typeof releaseOrderFields, object>,
});

const ReleaseOrder = builder.inputType('ReleaseOrder', {
  description: 'One key of an order of releases. Releases that are equal in all keys are ordered by id.',
  fields: (t) => ({
    field: t.field({ type: ReleaseOrderField, required: true, description: 'The field to order by.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction.' }),
  }),
});

builder.queryField('release', (t) =>
  t.field({
    type: Release,
    authScopes: { read: true },
    nullable: true,
    description: 'The release with this id; null where there is none that you may see.',
    args: { id: t.arg.id({ required: true, description: 'The id: `release-` and 12 hex digits.' }) },
    resolve: (_root, { id }, { core, viewer }) => getRelease(core, viewer, id),
  }),
);

builder.queryField('releases', (t) =>
  t.field({
    type: ReleaseConnection,
    authScopes: { read: true },
    nullable: true,
    description:
      'A page of the releases that plugins of a domain can be placed from: its own, and the public ones; retired ones included.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: ReleaseFilter, description: 'The releases to list. Default: all.' }),
      orderBy: t.arg({
        type: [ReleaseOrder],
        description: 'The keys to order by. Default: the plugin id, then the version, the newest first.',
      }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listReleases(core, viewer, args)),
  }),
);
