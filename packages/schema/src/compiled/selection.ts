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
import { collectFields, type Selecting, type Wanted } from './collect.ts';
import type { RowType } from './columns.ts';
import { argumentsOf, requireField } from './fieldArguments.ts';

/*
 * Objects and pages are in one file since they hold each other: a supervisor has a page of plugins, and a page has
 * objects.
 */

type MemberMaker = (selecting: Selecting, type: GraphQLObjectType, wanted: Wanted) => Member;

/** Relay's field, which Pothos resolves itself: no type exposes the column. */
const id: MemberMaker = (_selecting, _type, { key }) => ({ key, column: 'id', format: 'text', nullable: false });

/** Fields whose resolvers do more than expose a column. */
const special: Readonly<Record<RowType, Readonly<Record<string, MemberMaker>>>> = {
  Supervisor: {
    id,
    ...derivedMakers(derivedFields.supervisor),
    plugins: (selecting, type, wanted) => ({
      key: wanted.key,
      plugins: {
        input: argumentsOf<NestedPluginsInput>(type, wanted, pageArguments)(selecting.variables),
        parts: pageParts(selecting, type, wanted, 'Plugin'),
      },
    }),
  },
  Plugin: {
    id,
    ...derivedMakers(derivedFields.plugin),
    supervisor: (selecting, _type, wanted) => ({
      key: wanted.key,
      supervisor: membersOf(selecting, 'Supervisor', wanted),
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
export function membersOf(selecting: Selecting, typeName: RowType, { nodes }: Pick<Wanted, 'nodes'>): Member[] {
  const type = objectType(selecting, typeName);
  return collectFields(selecting, type, selectionsOf(nodes)).map((wanted) =>
    memberOf(selecting, typeName, type, wanted),
  );
}

/** The selection sets of all places where a field is asked for. */
export const selectionsOf = (nodes: Wanted['nodes']) => nodes.flatMap(({ selectionSet }) => selectionSet ?? []);

/** An object type of the schema, which must have it. */
export function objectType({ schema }: Selecting, name: string): GraphQLObjectType {
  return schema.getType(name) as GraphQLObjectType;
}

function memberOf(selecting: Selecting, typeName: RowType, type: GraphQLObjectType, wanted: Wanted): Member {
  const { key, name } = wanted;
  if (name === '__typename') return { key, constant: JSON.stringify(typeName) };
  const field = requireField(type, name);
  refuseAuthScopes(field);
  const make = special[typeName][name];
  if (make) return make(selecting, type, wanted);
  return { key, ...(selecting.columns.get(field) ?? notCovered(`${typeName}.${name}`)) };
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
  selecting: Selecting,
  type: GraphQLObjectType,
  { name, nodes }: Wanted,
  row: RowType,
): PagePart[] {
  const connection = getNamedType(requireField(type, name).type) as GraphQLObjectType;
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
  const edge = getNamedType(requireField(connection, name).type) as GraphQLObjectType;
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
    return isPageInfoField(name) ? { key, info: name } : notCovered(`PageInfo.${name}`);
  });
}

function isPageInfoField(name: string): name is PageInfoField {
  return Object.hasOwn(pageInfoSources.forward, name);
}
