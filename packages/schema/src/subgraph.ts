import { findEntities } from '@muster/core';
import {
  type ConstDirectiveNode,
  type GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { branded } from './branded.ts';
import type { SchemaContext } from './context.ts';
import { buildSchema } from './schema.ts';

/*
 * Libraries that make a subgraph of a schema resolve each entity by itself; here all are read together
 * (docs/decisions/0015).
 */

/** The schema as a subgraph of Apollo Federation 2, whose gateways find each type that implements Node by its id. */
export function buildSubgraphSchema(): GraphQLSchema {
  const schema = buildSchema();
  const { types, ...config } = schema.toConfig();
  const query = schema.getQueryType();
  if (!query) throw new Error('the schema has no Query');
  const entities = entitiesOf(schema);
  const { fields, ...ofQuery } = query.toConfig();
  const _Entity = new GraphQLUnionType({
    name: '_Entity',
    description: 'An object that other subgraphs can name by its id.',
    types: entities,
  });
  const Query = new GraphQLObjectType<unknown, SchemaContext>({
    ...ofQuery,
    fields: {
      ...fields,
      _entities: {
        description: 'The objects that a gateway names, in its order; null in place of each that you may not see.',
        type: new GraphQLNonNull(new GraphQLList(_Entity)),
        args: {
          representations: {
            description: 'The names of types, each with an id; at most 1,000.',
            type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(_Any))),
          },
        },
        resolve: async (_root, { representations }, { core, viewer }) =>
          (await findEntities(core, viewer, representations)).map(branded),
      },
      _service: {
        description: 'This subgraph, for a gateway.',
        type: new GraphQLNonNull(_Service),
        resolve: () => ({ sdl }),
      },
    },
  });
  const sdl = sdlOf(schema);
  return new GraphQLSchema({
    ...config,
    query: Query,
    types: [...types.filter((type) => type !== query), _Entity],
  });
}

const _Any = new GraphQLScalarType({
  name: '_Any',
  description: 'An object as another subgraph knows it: the name of its type, as `__typename`, and its `id`.',
});

const _Service = new GraphQLObjectType({
  name: '_Service',
  description: 'A subgraph.',
  fields: {
    sdl: {
      description: 'The schema of the subgraph, with the directives of Apollo Federation.',
      type: new GraphQLNonNull(GraphQLString),
    },
  },
});

function entitiesOf(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return schema.getPossibleTypes(schema.getType('Node') as GraphQLInterfaceType);
}

/** The schema as gateways compose it. */
function sdlOf(schema: GraphQLSchema): string {
  const entities = entitiesOf(schema).map(({ name }) => name);
  const document = visit(parse(printSchema(schema)), {
    ObjectTypeDefinition: (definition): ObjectTypeDefinitionNode | undefined => {
      const { value } = definition.name;
      if (entities.includes(value)) return { ...definition, directives: [directive('@key(fields: "id")')] };
      // Every subgraph with connections has the same.
      if (value === 'PageInfo') return { ...definition, directives: [directive('@shareable')] };
      return undefined;
    },
  });
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])';
  return `${link}\n\n${print(document)}`;
}

function directive(text: string): ConstDirectiveNode {
  const [definition] = parse(`type T ${text}`, { noLocation: true }).definitions;
  const [found] = definition?.kind === Kind.OBJECT_TYPE_DEFINITION ? (definition.directives ?? []) : [];
  if (!found) throw new Error(`${text} is no directive`);
  return found;
}
