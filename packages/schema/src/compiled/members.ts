import { type Column, columnOf, type Derived, type Member, type NestedPluginsInput } from '@muster/core';
import type { GraphQLField, GraphQLObjectType } from 'graphql';
import { collectFields, type Selecting, type Wanted } from './collect.ts';
import type { RowType } from './columns.ts';
import { notCovered } from './notCovered.ts';
import { argumentsOf, pageParts } from './page.ts';

type FieldMaker = (selecting: Selecting, type: GraphQLObjectType, wanted: Wanted) => Member;

const derived =
  (name: Derived): FieldMaker =>
  (_selecting, _type, { key }) => ({ key, derived: name });

const column =
  (of: Column): FieldMaker =>
  (_selecting, _type, { key }) => ({ key, ...of });

const pageArguments = ['filter', 'orderBy', 'first', 'after', 'last', 'before'];

/** Fields whose resolvers do more than hand out a column. */
const own: Readonly<Record<RowType, Readonly<Record<string, FieldMaker>>>> = {
  Supervisor: {
    id: column({ column: columnOf('id'), format: 'text', nullable: false }),
    labels: column({ column: columnOf('labels'), format: 'json', nullable: false }),
    tags: derived('tags'),
    connected: derived('connected'),
    lastSeenAt: derived('lastSeenAt'),
    plugins: (selecting, type, wanted) => ({
      key: wanted.key,
      plugins: {
        input: argumentsOf<NestedPluginsInput>(type, wanted, pageArguments)(selecting.variables),
        parts: pageParts(selecting, type, wanted, 'Plugin'),
      },
    }),
  },
  Plugin: {
    id: column({ column: columnOf('id'), format: 'text', nullable: false }),
    supervisorName: derived('supervisorName'),
    supervisor: (selecting, _type, wanted) => ({
      key: wanted.key,
      supervisor: membersOf(selecting, 'Supervisor', wanted),
    }),
  },
};

/** What is asked of a row of this type. */
export function membersOf(selecting: Selecting, typeName: RowType, { nodes }: Pick<Wanted, 'nodes'>): Member[] {
  const type = objectType(selecting, typeName);
  return collectFields(selecting, type, selectionsOf(nodes)).map((wanted) =>
    memberOf(selecting, typeName, type, wanted),
  );
}

export const selectionsOf = (nodes: Wanted['nodes']) => nodes.flatMap(({ selectionSet }) => selectionSet ?? []);

export function objectType({ schema }: Selecting, name: string): GraphQLObjectType {
  return schema.getType(name) as GraphQLObjectType;
}

function memberOf(selecting: Selecting, typeName: RowType, type: GraphQLObjectType, wanted: Wanted): Member {
  const { key, name } = wanted;
  if (name === '__typename') return { key, constant: JSON.stringify(typeName) };
  const field = type.getFields()[name] ?? notCovered(name);
  refuseAuthScopes(field);
  const make = own[typeName][name];
  if (make) return make(selecting, type, wanted);
  return { key, ...(selecting.columns.get(field) ?? notCovered(`${typeName}.${name}`)) };
}

/** Only root fields ask for rights, as far as this knows. */
function refuseAuthScopes({ name, extensions }: GraphQLField<unknown, unknown>): void {
  if (optionsOf(extensions).authScopes !== undefined) notCovered(`the rights that ${name} asks for`);
}

/** What Pothos was told of a field. */
export function optionsOf(extensions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return (extensions.pothosOptions ?? {}) as Readonly<Record<string, unknown>>;
}
