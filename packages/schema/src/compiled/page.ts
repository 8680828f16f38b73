import type { EdgePart, InfoPart, PagePart } from '@muster/core';
import { type GraphQLField, type GraphQLObjectType, getArgumentValues, getNamedType } from 'graphql';
import { collectFields, type Selecting, type Wanted } from './collect.ts';
import type { RowType } from './columns.ts';
import { membersOf, objectType, selectionsOf } from './members.ts';
import { notCovered } from './notCovered.ts';

/** Makes a field's arguments what its resolver would get for them; those that this doesn't know are not covered. */
export function argumentsOf<Input>(
  type: GraphQLObjectType,
  { name, nodes }: Wanted,
  known: readonly string[],
): (variables: Selecting['variables']) => Input {
  const [node] = nodes;
  if (!node) throw new Error(`${name} is asked for nowhere`);
  for (const argument of node.arguments ?? []) {
    if (!known.includes(argument.name.value)) notCovered(`${name}(${argument.name.value})`);
  }
  const field = fieldNamed(type, name);
  return (variables) => getArgumentValues(field, node, variables) as Input;
}

function fieldNamed(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
  return type.getFields()[name] ?? notCovered(`${type.name}.${name}`);
}

const pageInfoFields: ReadonlySet<string> = new Set(['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor']);

/** What is asked of a connection that a field of `type` leads to. */
export function pageParts(
  selecting: Selecting,
  type: GraphQLObjectType,
  { name, nodes }: Wanted,
  row: RowType,
): PagePart[] {
  const connection = getNamedType(fieldNamed(type, name).type) as GraphQLObjectType;
  return collectFields(selecting, connection, selectionsOf(nodes)).map((wanted): PagePart => {
    const { key } = wanted;
    switch (wanted.name) {
      case '__typename':
        return { key, constant: JSON.stringify(connection.name) };
      case 'totalCount':
        return { key, count: true };
      case 'nodes':
        return { key, nodes: membersOf(selecting, row, wanted) };
      case 'edges':
        return { key, edges: edgeParts(selecting, connection, wanted, row) };
      case 'pageInfo':
        return { key, pageInfo: infoParts(selecting, wanted) };
      default:
        return notCovered(`${connection.name}.${wanted.name}`);
    }
  });
}

function edgeParts(
  selecting: Selecting,
  connection: GraphQLObjectType,
  { name, nodes }: Wanted,
  row: RowType,
): EdgePart[] {
  const edge = getNamedType(fieldNamed(connection, name).type) as GraphQLObjectType;
  return collectFields(selecting, edge, selectionsOf(nodes)).map((wanted): EdgePart => {
    const { key } = wanted;
    switch (wanted.name) {
      case '__typename':
        return { key, constant: JSON.stringify(edge.name) };
      case 'cursor':
        return { key, cursor: true };
      case 'node':
        return { key, node: membersOf(selecting, row, wanted) };
      default:
        return notCovered(`${edge.name}.${wanted.name}`);
    }
  });
}

function infoParts(selecting: Selecting, { nodes }: Wanted): InfoPart[] {
  const type = objectType(selecting, 'PageInfo');
  return collectFields(selecting, type, selectionsOf(nodes)).map(({ key, name }): InfoPart => {
    if (name === '__typename') return { key, constant: JSON.stringify(type.name) };
    return pageInfoFields.has(name) ? { key, info: name as 'hasNextPage' } : notCovered(`PageInfo.${name}`);
  });
}
