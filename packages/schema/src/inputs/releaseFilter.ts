import type { ReleaseFilter as ReleaseFilterShape } from '@muster/core';
import { builder } from '../builder.ts';
import { BooleanFilter, DateTimeFilter, partsHold, StringFilter } from './filters.ts';

/** A filter on releases. The filter reaches into itself, so that it is named before its fields. */
export const ReleaseFilter = builder.inputRef<ReleaseFilterShape>('ReleaseFilter');

ReleaseFilter.implement({
  description: `A condition on releases. ${partsHold}`,
  fields: (t) => ({
    and: t.field({ type: [ReleaseFilter], description: 'All of these hold.' }),
    or: t.field({ type: [ReleaseFilter], description: 'At least one of these holds; an empty list matches nothing.' }),
    not: t.field({ type: ReleaseFilter, description: 'This does not hold.' }),
    id: t.field({ type: StringFilter, description: 'A condition on the id: `release-` and 12 hex digits.' }),
    domainId: t.field({
      type: StringFilter,
      description: 'A condition on the domain of the release; a public release has none.',
    }),
    isPublic: t.field({ type: BooleanFilter, description: 'A condition on whether the release is for all domains.' }),
    pluginId: t.field({ type: StringFilter, description: 'A condition on the plugin id, which names the software.' }),
    version: t.field({ type: StringFilter, description: 'A condition on the version.' }),
    createdAt: t.field({ type: DateTimeFilter, description: 'A condition on the time of the publication.' }),
    retiredAt: t.field({
      type: DateTimeFilter,
      description: 'A condition on the time of the retirement: `{isNull: true}` for releases that are not retired.',
    }),
  }),
});
