import {
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';

/** Makes a value what resolvers get for it; throws where the type refuses it. */
export type Coerce = (value: unknown) => unknown;

/**
 * Input coercion by GraphQL's own rules, worked out once for each type: graphql-js looks at the type again for every
 * value. What it refuses, it refuses without words; graphql-js, asked the same, has them.
 */
export function createInputCoercion(): (type: GraphQLInputType) => Coerce {
  const objects = new Map<GraphQLInputObjectType, Coerce>();

  function coercionOf(type: GraphQLInputType): Coerce {
    if (isNonNullType(type)) {
      const coerce = coercionOf(type.ofType);
      return (value) => coerce(value ?? refuse());
    }
    const coerce = presentCoercionOf(type);
    return (value) => (value == null ? null : coerce(value));
  }

  /** Of a value that is not null. */
  function presentCoercionOf(type: GraphQLInputType): Coerce {
    if (isLeafType(type)) return leafCoercion(type);
    if (isListType(type)) return listCoercion(coercionOf(type.ofType));
    // Whether exactly one field came is left to graphql-js: no type here asks for it.
    if (!isInputObjectType(type) || type.isOneOf) return refuse;
    const known = objects.get(type) ?? objectCoercion(type, coercionOf);
    objects.set(type, known);
    return known;
  }

  return coercionOf;
}

function listCoercion(coerceItem: Coerce): Coerce {
  return (value) => (Array.isArray(value) ? value.map((item) => coerceItem(item)) : [coerceItem(value)]);
}

function leafCoercion(type: GraphQLLeafType): Coerce {
  return (value) => {
    const parsed: unknown = type.parseValue(value);
    return parsed === undefined ? refuse() : parsed;
  };
}

function objectCoercion(type: GraphQLInputObjectType, coercionOf: (type: GraphQLInputType) => Coerce): Coerce {
  // Looked at when the first value comes: a type may have fields of its own type.
  let fields: [GraphQLInputField, Coerce][] | undefined;
  return (value) => {
    if (!isObject(value)) return refuse();
    fields ??= Object.values(type.getFields()).map((field) => [field, coercionOf(field.type)]);
    const coerced: Record<string, unknown> = {};
    let unknownFields = Object.keys(value).length;
    for (const [field, coerce] of fields) {
      if (Object.hasOwn(value, field.name)) {
        coerced[field.name] = coerce(value[field.name]);
        unknownFields -= 1;
      } else if (isRequiredInputField(field)) refuse();
      else if (field.defaultValue !== undefined) coerced[field.name] = field.defaultValue;
    }
    return unknownFields === 0 ? coerced : refuse();
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(): never {
  throw new TypeError('the type refuses the value');
}
