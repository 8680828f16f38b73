import { notCovered, type StatPart } from '@muster/core';
import { type GraphQLObjectType, getNamedType } from 'graphql';
import { collectFields, type SelectedField, type SelectionContext } from './collect.ts';
import { requireField } from './fieldArguments.ts';
import { selectionsOf } from './selection.ts';

/** The parts that a selection asks of the groups of a statistic, which a field of `type` leads to. */
export function statParts(
  context: SelectionContext,
  type: GraphQLObjectType,
  { name, nodes }: SelectedField,
): StatPart[] {
  const stat = getNamedType(type.getFields()[name]?.type) as GraphQLObjectType;
  return collectFields(context, stat, selectionsOf(nodes)).map((selected): StatPart => {
    const { key } = selected;
    if (selected.name === '__typename') return { key, constant: JSON.stringify(stat.name) };
    if (selected.name === 'count') return { key, count: true };
    const field = requireField(stat, selected.name);
    // Only what is handed out as it is.
    return { key, group: String(field.extensions.pothosExposedField ?? notCovered(field.name)) };
  });
}
