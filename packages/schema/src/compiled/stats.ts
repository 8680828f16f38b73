import { notCovered, type StatPart } from '@muster/core';
import { type GraphQLObjectType, getNamedType } from 'graphql';
import { collectFields, type Selecting, type Wanted } from './collect.ts';
import { requireField } from './fieldArguments.ts';
import { selectionsOf } from './selection.ts';

/** The parts that a selection asks of the groups of a statistic, which a field of `type` leads to. */
export function statParts(selecting: Selecting, type: GraphQLObjectType, { name, nodes }: Wanted): StatPart[] {
  const stat = getNamedType(type.getFields()[name]?.type) as GraphQLObjectType;
  return collectFields(selecting, stat, selectionsOf(nodes)).map((wanted): StatPart => {
    const { key } = wanted;
    if (wanted.name === '__typename') return { key, constant: JSON.stringify(stat.name) };
    if (wanted.name === 'count') return { key, count: true };
    const field = requireField(stat, wanted.name);
    // Only what is handed out as it is.
    return { key, group: String(field.extensions.pothosExposedField ?? notCovered(field.name)) };
  });
}
