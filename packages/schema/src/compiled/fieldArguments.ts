import { notCovered } from '@muster/core';
import { type GraphQLField, type GraphQLObjectType, getArgumentValues } from 'graphql';
import type { SelectedField, SelectionContext } from './collect.ts';

/**
 * Makes of a field's arguments what its resolver would get.
 *
 * @param known the arguments that the compiled read knows
 * @throws NotCoveredError for any other argument
 */
export function argumentsOf<Input>(
  type: GraphQLObjectType,
  { name, nodes }: SelectedField,
  known: readonly string[],
): (variables: SelectionContext['variables']) => Input {
  const [node] = nodes;
  if (!node) throw new Error(`${name} is asked for nowhere`);
  for (const argument of node.arguments ?? []) {
    if (!known.includes(argument.name.value)) notCovered(`${name}(${argument.name.value})`);
  }
  const field = requireField(type, name);
  return (variables) => getArgumentValues(field, node, variables) as Input;
}

/** @throws NotCoveredError where the type has no such field */
export function requireField(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
  return type.getFields()[name] ?? notCovered(`${type.name}.${name}`);
}
