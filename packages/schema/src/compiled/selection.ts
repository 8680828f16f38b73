import {
  derivedFields,
  type EdgePart,
  type InfoPart,
  type Member,
  type NestedPluginsInput,
  notCovered,
  type PageInfoField,
  type PagePart,
  pageInfoSources,
} from '@muster/core';
import { type GraphQLField, type GraphQLObjectType, getNamedType } from 'graphql';
import { collectFields, type SelectedField, type SelectionContext } from './collect.ts';
import type { RowType } from './columns.ts';
import { argumentsOf, requireField } from './fieldArguments.ts';

/*
 * Objects and pages are in one file since they hold each other: a supervisor has a page of plugins, and a page has
 * objects.
 */

type MemberMaker = (context: SelectionContext, type: GraphQLObjectType, selected: SelectedField) => Member;

/** Relay's field, which Pothos resolves itself: no type exposes the column. */
const id: MemberMaker = (_selecting, _type, { key }) => ({ key, column: 'id', format: 'text', nullable: false });

/** Fields whose resolvers do more than expose a column. */
const special: Readonly<Record<RowType, Readonly<Record<string, MemberMaker>>>> = {
  Supervisor: {
    id,
    ...derivedMakers(derivedFields.supervisor),
    plugins: (context, type, selected) => ({
      key: selected.key,
      plugins: {
        input: argumentsOf<NestedPluginsInput>(type, selected, pageArguments)(context.variables),
        parts: pageParts(context, type, selected, 'Plugin'),
      },
    }),
  },
  Plugin: {
    id,
    ...derivedMakers(derivedFields.plugin),
    supervisor: (context, _type, selected) => ({
      key: selected.key,
      supervisor: membersOf(context, 'Supervisor', selected),
    }),
  },
};

function derivedMakers(
  fields: Readonly<Record<string, Extract<Member, { derived: unknown }>['derived']>>,
): Record<string, MemberMaker> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, derived]): [string, MemberMaker] => [
      name,
      (_selecting, _type, { key }) => ({ key, derived }),
    ]),
  );
}

const pageArguments = ['filter', 'orderBy', 'first', 'after', 'last', 'before'];

/** The members that a selection asks of a row of this type. */
export function membersOf(
  context: SelectionContext,
  typeName: RowType,
  { nodes }: Pick<SelectedField, 'nodes'>,
): Member[] {
  const type = objectType(context, typeName);
  return collectFields(context, type, selectionsOf(nodes)).map((selected) =>
    memberOf(context, typeName, type, selected),
  );
}

/** The selection sets of all places where a field is asked for. */
export const selectionsOf = (nodes: SelectedField['nodes']) => nodes.flatMap(({ selectionSet }) => selectionSet ?? []);

/** An object type of the schema, which must have it. */
export function objectType({ schema }: SelectionContext, name: string): GraphQLObjectType {
  return schema.getType(name) as GraphQLObjectType;
}

function memberOf(
  context: SelectionContext,
  typeName: RowType,
  type: GraphQLObjectType,
  selected: SelectedField,
): Member {
  const { key, name } = selected;
  if (name === '__typename') return { key, constant: JSON.stringify(typeName) };
  const field = requireField(type, name);
  refuseAuthScopes(field);
  const make = special[typeName][name];
  if (make) return make(context, type, selected);
  return { key, ...(context.columns.get(field) ?? notCovered(`${typeName}.${name}`)) };
}

/** Fields within a row may not ask for rights: only the root's are checked here. */
function refuseAuthScopes({ name, extensions }: GraphQLField<unknown, unknown>): void {
  if (optionsOf(extensions).authScopes !== undefined) notCovered(`the rights that ${name} asks for`);
}

/** The options that a field was defined with in Pothos. */
export function optionsOf(extensions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return (extensions.pothosOptions ?? {}) as Readonly<Record<string, unknown>>;
}

/** The parts that a selection asks of a connection, which a field of `type` leads to. */
export function pageParts(
  context: SelectionContext,
  type: GraphQLObjectType,
  { name, nodes }: SelectedField,
  row: RowType,
): PagePart[] {
  const connection = getNamedType(requireField(type, name).type) as GraphQLObjectType;
  return collectFields(context, connection, selectionsOf(nodes)).map((selected): PagePart => {
    const { key } = selected;
    switch (selected.name) {
      case '__typename':
        return { key, constant: JSON.stringify(connection.name) };
      case 'totalCount':
        return { key, count: true };
      case 'nodes':
        return { key, nodes: membersOf(context, row, selected) };
      case 'edges':
        return { key, edges: edgeParts(context, connection, selected, row) };
      case 'pageInfo':
        return { key, pageInfo: infoParts(context, selected) };
      default:
        return notCovered(`${connection.name}.${selected.name}`);
    }
  });
}

function edgeParts(
  context: SelectionContext,
  connection: GraphQLObjectType,
  { name, nodes }: SelectedField,
  row: RowType,
): EdgePart[] {
  const edge = getNamedType(requireField(connection, name).type) as GraphQLObjectType;
  return collectFields(context, edge, selectionsOf(nodes)).map((selected): EdgePart => {
    const { key } = selected;
    switch (selected.name) {
      case '__typename':
        return { key, constant: JSON.stringify(edge.name) };
      case 'cursor':
        return { key, cursor: true };
      case 'node':
        return { key, node: membersOf(context, row, selected) };
      default:
        return notCovered(`${edge.name}.${selected.name}`);
    }
  });
}

function infoParts(context: SelectionContext, { nodes }: SelectedField): InfoPart[] {
  const type = objectType(context, 'PageInfo');
  return collectFields(context, type, selectionsOf(nodes)).map(({ key, name }): InfoPart => {
    if (name === '__typename') return { key, constant: JSON.stringify(type.name) };
    return isPageInfoField(name) ? { key, info: name } : notCovered(`PageInfo.${name}`);
  });
}

function isPageInfoField(name: string): name is PageInfoField {
  return Object.hasOwn(pageInfoSources.forward, name);
}
