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
  additionalProperties?: boolean;
}

/** The JSON Schemas of messages and enums, described as soon as something refers to them. */
export interface Schemas {
  /** A reference to a message or an enum; adds its schema to `all`, and those that it refers to. */
  refer(type: DescMessage | DescEnum): JsonSchema;
  /** The schema of one field. */
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

const listOrObject: JsonSchema = { anyOf: [{ type: 'array', items: anything }, object] };
const core = 'spaceone.api.core.v2';
const plugin = 'spaceone.api.plugin.v1';
const clearable = (type: string): JsonSchema => ({ type: [type, 'null'] });

/** Fields that take more in JSON than in a protobuf message. */
const wider: Readonly<Record<string, JsonSchema>> = {
  [`${core}.Query.sort`]: listOrObject,
  [`${core}.StatisticsAggregate.sort`]: listOrObject,
  [`${plugin}.PublishSupervisorRequest.labels`]: listOrObject,
  [`${plugin}.RegisterSupervisorRequest.is_public`]: clearable('boolean'),
  [`${plugin}.RegisterSupervisorRequest.priority`]: { type: ['integer', 'null'], format: 'int32' },
  [`${plugin}.RegisterSupervisorRequest.labels`]: clearable('object'),
  [`${plugin}.RegisterSupervisorRequest.tags`]: clearable('object'),
};

/** Describes messages, enums and fields, with the comments of the .proto files as descriptions. */
export function createSchemas(protocol: Protocol): Schemas {
  const all: Record<string, JsonSchema> = {};
  const described = (fullName: string, schema: JsonSchema): JsonSchema => {
    const description = protocol.comment(fullName);
    return description === undefined ? schema : { description, ...schema };
  };

  function refer(type: DescMessage | DescEnum): JsonSchema {
    const standard = wellKnown[type.typeName];
    if (standard) return standard;
    const name = type.typeName.slice(type.file.proto.package.length + 1);
    if (!Object.hasOwn(all, name)) {
      // The name is taken before the schema is built, since a message may refer to itself.
      all[name] = {};
      all[name] = described(type.typeName, type.kind === 'enum' ? enumSchema(type) : messageSchema(type));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function messageSchema(message: DescMessage): JsonSchema {
    const properties = Object.fromEntries(message.fields.map((each) => [each.name, field(each)]));
    return { type: 'object', properties };
  }

  function enumSchema({ typeName, values }: DescEnum): JsonSchema {
    const lines = values.map(({ name }) => `\`${name}\`: ${protocol.comment(`${typeName}.${name}`) ?? ''}`);
    return { type: 'string', enum: values.map(({ name }) => name), description: lines.join('\n') };
  }

  function field(desc: DescField): JsonSchema {
    const fullName = `${desc.parent.typeName}.${desc.name}`;
    const type = desc.message ?? desc.enum;
    const schema = type ? refer(type) : (scalars[desc.scalar ?? ScalarType.STRING] ?? anything);
    const narrow = desc.fieldKind === 'list' ? { type: 'array', items: schema } : schema;
    return described(fullName, wider[fullName] ?? narrow);
  }

  return { refer, field, all };
}
