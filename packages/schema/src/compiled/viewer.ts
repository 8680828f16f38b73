import { cursorOf, notCovered } from '@muster/core';
import type { SchemaContext } from '../context.ts';
import { collectFields, type SelectedField, type SelectionContext } from './collect.ts';
import { objectType, selectionsOf } from './selection.ts';

/** The fields of the viewer that need no row. */
const values: Readonly<Record<string, (context: SchemaContext) => unknown>> = {
  subject: ({ viewer }) => viewer.subject,
  role: ({ viewer }) => viewer.role,
  domainId: ({ viewer }) => viewer.domainId,
  cursor: ({ core, startSeq }) => cursorOf(core, startSeq),
};

/**
 * The JSON of what a selection asks of the viewer: often the cursor, beside lists that are then kept true from it.
 *
 * @throws NotCoveredError where it asks for more than is at hand
 */
export function viewerText(
  selecting: SelectionContext,
  { nodes }: Pick<SelectedField, 'nodes'>,
): (context: SchemaContext) => string {
  const type = objectType(selecting, 'Viewer');
  const members = collectFields(selecting, type, selectionsOf(nodes)).map(({ key, name }) => ({
    key,
    read: name === '__typename' ? () => type.name : (values[name] ?? notCovered(`Viewer.${name}`)),
  }));
  return (context) => JSON.stringify(Object.fromEntries(members.map(({ key, read }) => [key, read(context)])));
}
