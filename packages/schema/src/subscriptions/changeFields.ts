import { cursorOf } from '@muster/core';
import type { ObjectFields } from '../builder.ts';

/** The cursor of something that a stream sends. */
export const cursorField = <Item extends { readonly seq: number }>(t: ObjectFields<Item>, description: string) =>
  t.field({ type: 'Cursor', description, resolve: ({ seq }, _args, { core }) => cursorOf(core, seq) });

interface Change {
  readonly seq: number;
  readonly at: Date;
  readonly reason: string | null;
  readonly actor: string | null;
}

/** The fields that each change of a state has, whatever changed. */
export const changeFields = <Item extends Change>(t: ObjectFields<Item>) => ({
  cursor: cursorField(
    t,
    'The place of this change in the order of all changes: give it as `after` to resume behind this change.',
  ),
  at: t.field({ type: 'DateTime', description: 'The time of the change.', resolve: ({ at }) => at }),
  reason: t.string({
    nullable: true,
    description: 'The reason of the change, as a word for programs.',
    resolve: ({ reason }) => reason,
  }),
  actor: t.string({
    nullable: true,
    description: 'The subject whose credential made the change; `muster` for the control plane itself.',
    resolve: ({ actor }) => actor,
  }),
});
