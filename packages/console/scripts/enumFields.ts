import type { PluginFunction } from '@graphql-codegen/plugin-helpers';
import {
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  Kind,
  visit,
} from 'graphql';

/**
 * A plugin of graphql-codegen: of the inputs of all mutations, and of what they are made of, the fields whose values are
 * enums or lead to enums. In JSON an enum's value looks like a text; in GraphQL it has no quotes.
 */
export const plugin: PluginFunction = (schema: GraphQLSchema, sources) => {
  const found = new Map<string, Readonly<Record<string, string>>>();
  const take = (type: GraphQLNamedType | undefined): void => {
    if (!isInputObjectType(type) || found.has(type.name) || !leadsToEnum(type)) return;
    const fields = fieldsOf(type).filter(([, each]) => leadsToEnum(each));
    found.set(type.name, Object.fromEntries(fields.map(([field, { name }]) => [field, name])));
    for (const [, each] of fields) take(each);
  };
  for (const { document } of sources) {
    for (const definition of document?.definitions ?? []) {
      if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== 'mutation') continue;
      for (const { type } of definition.variableDefinitions ?? []) {
        visit(type, { NamedType: ({ name }) => take(schema.getType(name.value)) });
      }
    }
  }
  const table = JSON.stringify(Object.fromEntries(found), null, 2);
  return `export const enumFields: Readonly<Record<string, Readonly<Record<string, string>>>> = ${table};\n`;
};

const fieldsOf = (type: GraphQLInputObjectType) =>
  Object.entries(type.getFields()).map(([field, each]) => [field, getNamedType(each.type)] as const);

function leadsToEnum(type: GraphQLNamedType, seen = new Set<GraphQLNamedType>()): boolean {
  if (isEnumType(type)) return true;
  if (!isInputObjectType(type) || seen.has(type)) return false;
  seen.add(type);
  return fieldsOf(type).some(([, each]) => leadsToEnum(each, seen));
}
