import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Protocol } from '../proto/protocol.ts';

/** A JSON Schema, as OpenAPI 3.1 takes it. */
export interface JsonSchema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  description?: string;
  enum?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean;
}

/** Whether a message is sent or received by clients: what it must have differs. */
type Direction = 'request' | 'reply';

/** The JSON Schemas of messages and enums, described as soon as something refers to them. */
export interface Schemas {
  /** A reference to a message; adds its schema to `all`, and those that it refers to. */
  refer(message: DescMessage, direction: Direction): JsonSchema;
  /** The schema of one field of a request. */
  field(field: DescField): JsonSchema;
  /** Every schema that was referred to, by name. */
  readonly all: Readonly<Record<string, JsonSchema>>;
}

const object: JsonSchema = { type: 'object', additionalProperties: true };
const anything: JsonSchema = {};

/** The schemas of google.protobuf's messages, which in JSON are the values that they stand for. */
const wellKnown: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Struct': object,
  'google.protobuf.Value': anything,
  'google.protobuf.ListValue': { type: 'array', items: anything },
  'google.protobuf.Empty': { type: 'object' },
};

const scalars: Partial<Record<ScalarType, JsonSchema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.INT32]: { type: 'integer', format: 'int32' },
  [ScalarType.UINT32]: { type: 'integer', format: 'int64' },
};

const core = 'spaceone.api.core.v2';
const plugin = 'spaceone.api.plugin.v1';
const clearable = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema.type ?? [], 'null'].flat() });
const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** A list of sort keys, or the older single object. */
const order = (sort: JsonSchema): JsonSchema => ({
  anyOf: [
    listOf(sort),
    sort,
    { type: 'object', properties: { keys: listOf(sort) }, required: ['keys'], additionalProperties: false },
  ],
});

/** Fields of requests that are an order, which JSON takes in its older form, too. */
const orders: ReadonlySet<string> = new Set([`${core}.Query.sort`, `${core}.StatisticsAggregate.sort`]);

/** Other fields of requests that take more in JSON than in a protobuf message. */
const wider: Readonly<Record<string, JsonSchema>> = {
  [`${plugin}.PublishSupervisorRequest.labels`]: {
    anyOf: [listOf({ anyOf: [object, { type: 'string' }] }), object],
  },
  [`${plugin}.RegisterSupervisorRequest.is_public`]: clearable({ type: 'boolean' }),
  [`${plugin}.RegisterSupervisorRequest.priority`]: clearable({ type: 'integer', format: 'int32' }),
  [`${plugin}.RegisterSupervisorRequest.labels`]: clearable(object),
  [`${plugin}.RegisterSupervisorRequest.tags`]: clearable(object),
};

/**
 * The fields that a request's message must have, beside those in the path. Protobuf has no word for it, and no file may import
 * one: existing clients expect the files' dependencies as they are. A test sends each request with and without them.
 */
const requiredInRequests: Readonly<Record<string, readonly string[]>> = {
  [`${plugin}.PublishSupervisorRequest`]: ['name', 'hostname'],
  [`${plugin}.PluginInfo`]: ['plugin_id', 'version', 'state'],
  [`${plugin}.RecoverPluginRequest`]: ['version'],
  [`${plugin}.SupervisorStatQuery`]: ['query'],
  [`${core}.Sort`]: ['key'],
  [`${core}.Unwind`]: ['path'],
  [`${core}.AggregateUnwind`]: ['path'],
  [`${core}.AggregateCount`]: ['name'],
};

/** The names in requests of messages that stand in replies, too. */
const namesInRequests: Readonly<Record<string, string>> = { [`${plugin}.PluginInfo`]: 'PluginReport' };

/** Describes messages, enums and fields, with the comments of the .proto files as descriptions. */
export function createSchemas(protocol: Protocol): Schemas {
  const all: Record<string, JsonSchema> = {};
  const described = (fullName: string, schema: JsonSchema): JsonSchema => {
    const description = protocol.comment(fullName);
    return description === undefined ? schema : { description, ...schema };
  };

  function refer(type: DescMessage | DescEnum, direction: Direction): JsonSchema {
    const standard = wellKnown[type.typeName];
    if (standard) return standard;
    const own = type.typeName.slice(type.file.proto.package.length + 1);
    const name = direction === 'request' ? (namesInRequests[type.typeName] ?? own) : own;
    if (!Object.hasOwn(all, name)) {
      // The name is taken before the schema is built, since a message may refer to itself.
      all[name] = {};
      const schema = type.kind === 'enum' ? enumSchema(type) : messageSchema(type, direction);
      all[name] = described(type.typeName, schema);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function messageSchema({ typeName, fields }: DescMessage, direction: Direction): JsonSchema {
    const properties = Object.fromEntries(fields.map((each) => [each.name, field(each, direction)]));
    // Replies have every field (fillReply.ts).
    const required = direction === 'reply' ? fields.map(({ name }) => name) : requiredInRequests[typeName];
    return { type: 'object', properties, ...(required ? { required } : {}) };
  }

  function widerOf(fullName: string): JsonSchema | undefined {
    return orders.has(fullName) ? order(refer(protocol.message(`${core}.Sort`), 'request')) : wider[fullName];
  }

  function enumSchema({ typeName, values }: DescEnum): JsonSchema {
    const lines = values.map(({ name }) => `\`${name}\`: ${protocol.comment(`${typeName}.${name}`) ?? ''}`);
    return { type: 'string', enum: values.map(({ name }) => name), description: lines.join('\n') };
  }

  function field(desc: DescField, direction: Direction): JsonSchema {
    const fullName = `${desc.parent.typeName}.${desc.name}`;
    const type = desc.message ?? desc.enum;
    const schema = type ? refer(type, direction) : (scalars[desc.scalar ?? ScalarType.STRING] ?? anything);
    const narrow = desc.fieldKind === 'list' ? listOf(schema) : schema;
    return described(fullName, (direction === 'request' ? widerOf(fullName) : undefined) ?? narrow);
  }

  return { refer, field: (desc) => field(desc, 'request'), all };
}
