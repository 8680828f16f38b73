import type { DescMethod } from '@bufbuild/protobuf';
import { StructSchema } from '@bufbuild/protobuf/wkt';
import { type ErrorCode, errorCodes } from '@muster/core';
import { httpStatus } from '../../errors/httpStatus.ts';
import type { Method, Route, WireService } from '../methods/methods.ts';
import type { Protocol } from '../proto/protocol.ts';
import { createSchemas, type JsonSchema, type Schemas } from './jsonSchema.ts';

/** A parameter of an operation, as OpenAPI describes it. */
interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: true;
  readonly description: string;
  readonly schema?: JsonSchema;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** An operation, as OpenAPI describes it. */
export interface ApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly ApiParameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, object>>;
}

/** An OpenAPI 3.1 document. */
export interface ApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/** Describes the REST routes of a service's methods. @param basePath the path that they lie below; empty for none */
export function describeApi(protocol: Protocol, { name, methods }: WireService, basePath: string): ApiDocument {
  const schemas = createSchemas(protocol);
  const service = protocol.service(name);
  const paths: Record<string, Record<string, ApiOperation>> = {};
  for (const method of methods) {
    const desc = service.methods.find((each) => each.name === method.name);
    if (!desc) throw new Error(`${method.name} is not described`);
    for (const route of method.routes) {
      paths[route.path] = {
        ...paths[route.path],
        [route.verb.toLowerCase()]: operation(protocol, schemas, method, desc, route),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster: supervisors and plugins',
      version: 'v1',
      description: protocol.comment(name) ?? '',
    },
    servers: [{ url: basePath || '/' }],
    // A server without configured credentials asks for none.
    security: [{ bearer: [] }, {}],
    paths,
    components: {
      schemas: { ...schemas.all, Statistics: statisticsSchema, Error: errorSchema },
      responses: Object.fromEntries(refusals.map(({ status, response }) => [refusalName(status), response])),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT.' } },
    },
  };
}

/** The answer of `stat`, which to protobuf is a Struct. */
const statisticsSchema: JsonSchema = {
  type: 'object',
  description: 'Statistics.',
  required: ['results'],
  properties: {
    results: { type: 'array', items: {}, description: 'The values of `distinct`, or the rows of the last stage.' },
    total_count: { type: 'integer', description: 'The number of all results; there where `page.limit` is above 0.' },
  },
};

const errorSchema: JsonSchema = {
  type: 'object',
  description: 'A refusal.',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: errorCodes, description: 'The error code, of the closed set.' },
        message: { type: 'string', description: 'The reason in words: the expected value, and the given one.' },
        path: {
          type: 'array',
          items: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
          description: 'The place of the offending field in the request.',
        },
        details: { type: 'object', additionalProperties: true, description: 'Facts about the refusal, for programs.' },
      },
    },
  },
};

/** The codes of subscriptions alone, which REST has none of. */
const codesOfStreams: ReadonlySet<ErrorCode> = new Set(['CURSOR_EXPIRED', 'SLOW_CONSUMER']);

/** The refusals of a body, beside those of the codes. */
const refusalsOfBodies = {
  413: 'The body is too long: BAD_USER_INPUT.',
  415: 'The body is no JSON, or in a coding that is not known: BAD_USER_INPUT.',
};

const headers: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' }, description: 'The scheme of credentials: Bearer.' } },
  429: { 'Retry-After': { schema: { type: 'integer' }, description: 'The seconds to wait, where waiting helps.' } },
};

/** The refusals of every route, by status. */
const refusals = refusalsByStatus();
const refusalName = (status: number) => `Refusal${status}`;

function refusalsByStatus(): readonly { readonly status: number; readonly response: object }[] {
  const codes = errorCodes.filter((code) => !codesOfStreams.has(code));
  const ofCodes = [...Map.groupBy(codes, (code) => httpStatus[code])].map(([status, those]): [number, string] => [
    status,
    `A refusal: ${those.join(', ')}.`,
  ]);
  const ofBodies = Object.entries(refusalsOfBodies).map(([status, text]): [number, string] => [Number(status), text]);
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return [...ofCodes, ...ofBodies].map(([status, description]) => ({
    status,
    response: { description, ...(headers[status] ? { headers: headers[status] } : {}), content },
  }));
}

function replySchema(schemas: Schemas, { output }: DescMethod): JsonSchema {
  const isStatistics = output.typeName === StructSchema.typeName;
  return isStatistics ? { $ref: '#/components/schemas/Statistics' } : schemas.refer(output, 'reply');
}

function bodyOf(schemas: Schemas, { input }: DescMethod): NonNullable<ApiOperation['requestBody']> {
  const schema = schemas.refer(input, 'request');
  const { required } = schemas.all[schema.$ref?.split('/').at(-1) ?? ''] ?? {};
  return { required: required !== undefined, content: { 'application/json': { schema } } };
}

function operation(protocol: Protocol, schemas: Schemas, method: Method, desc: DescMethod, route: Route): ApiOperation {
  const comment = (name: string) => protocol.comment(`${desc.input.typeName}.${name}`) ?? '';
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const hasBody = route.verb === 'POST' || route.verb === 'PUT';
  const inQuery = hasBody ? [] : desc.input.fields.filter((field) => !inPath.includes(field.name));
  const index = method.routes.indexOf(route);
  return {
    operationId: index === 0 ? method.name : `${method.name}_by_${route.verb.toLowerCase()}`,
    tags: [desc.parent.name],
    summary: protocol.comment(`${desc.parent.typeName}.${method.name}`) ?? '',
    parameters: [
      ...inPath.map((name): ApiParameter => {
        return { name, in: 'path', required: true, description: comment(name), schema: { type: 'string' } };
      }),
      ...inQuery.map((field): ApiParameter => {
        const schema = schemas.field(field);
        // One parameter holds a message as JSON.
        const form = field.message ? { content: { 'application/json': { schema } } } : { schema };
        return { name: field.name, in: 'query', description: comment(field.name), ...form };
      }),
    ],
    ...(hasBody ? { requestBody: bodyOf(schemas, desc) } : {}),
    responses: {
      200: { description: 'The answer.', content: { 'application/json': { schema: replySchema(schemas, desc) } } },
      ...Object.fromEntries(
        refusals
          .filter(({ status }) => hasBody || !Object.hasOwn(refusalsOfBodies, status))
          .map(({ status }) => [status, { $ref: `#/components/responses/${refusalName(status)}` }]),
      ),
    },
  };
}
