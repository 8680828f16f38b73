import type { IncomingMessage } from 'node:http';
import type { Viewer } from '@muster/core';
import { type DocumentNode, type ExecutionResult, getOperationAST } from 'graphql';
import type { DirectResult } from '../graphql/directAnswer.ts';
import type { KnownDocuments } from '../graphql/documentCache.ts';
import type { ServerContext, Yoga } from '../graphql/engine.ts';
import { asksForCost } from '../limits/operationCost.ts';
import { type ResultType, resultType } from './mediaType.ts';

interface PlainParams {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
  extensions?: Record<string, unknown> | null;
}

/** A reply that is JSON already. */
export interface PlainReply {
  status: number;
  type: ResultType;
  text: string;
}

/**
 * Answers what most requests are, one query or mutation as JSON, through yoga's engine but without the fetch Request
 * and Response that yoga makes of every request, which cost more than all else in a small one. The same parsing,
 * validation, context, execution and masking answer it.
 *
 * @returns the reply; null for anything else, which is for yoga then. Nothing has been executed in that case.
 */
export function answerPlainly(
  yoga: Yoga,
  request: IncomingMessage,
  viewer: Viewer,
  body: Buffer,
): Promise<PlainReply | null> | PlainReply | null {
  const type = resultType(request.headers.accept);
  const params = plainParams(body);
  if (type === null || params === null) return null;
  const asked: PlainRequest = { request, viewer, params, type };
  const result = asksForCost({ req: request, params }) ? null : yoga.answerDirectly(viewer, params);
  if (result === null) return answerByEngine(yoga, asked);
  return result instanceof Promise ? result.then((later) => replyOf(later, type)) : replyOf(result, type);
}

interface PlainRequest {
  readonly request: IncomingMessage;
  readonly viewer: Viewer;
  readonly params: PlainParams;
  readonly type: ResultType;
}

async function answerByEngine(yoga: Yoga, { request, viewer, params, type }: PlainRequest): Promise<PlainReply | null> {
  const engine = yoga.getEnveloped({ req: request, params, viewer } as unknown as ServerContext);
  const document = validDocument(yoga.documents, engine, params.query);
  const operation = document && getOperationAST(document, params.operationName);
  if (!operation || operation.operation === 'subscription') return null;
  const result: ExecutionResult = await engine.execute({
    schema: engine.schema,
    document,
    operationName: params.operationName,
    variableValues: params.variables,
    contextValue: await engine.contextFactory(),
  });
  return replyOf(result, type);
}

function replyOf(result: DirectResult, type: ResultType): PlainReply | null {
  if ('dataText' in result) return { status: 200, type, text: `{"data":${result.dataText}}` };
  const status = result.data === undefined ? refusalStatus(result) : 200;
  return status === null ? null : { status, type, text: JSON.stringify(withoutHttp(result)) };
}

/** Where nothing ran: the status that the refusal asks for. Without one the variables were refused, and yoga finds it. */
function refusalStatus({ errors = [] }: ExecutionResult): number | null {
  const http = errors[0]?.extensions.http as { status?: number } | undefined;
  return http?.status ?? null;
}

/** The parameters of a request that has nothing unusual in it. */
function plainParams(body: Buffer): PlainParams | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (!isObject(parsed) || typeof parsed.query !== 'string') return null;
  for (const name in parsed) if (!parameters.get(name)?.(parsed[name])) return null;
  return parsed as unknown as PlainParams;
}

const isObjectOrNothing = (value: unknown) => value == null || isObject(value);

/** The parameters that there are, and what each may be. */
const parameters: ReadonlyMap<string, (value: unknown) => boolean> = new Map<string, (value: unknown) => boolean>([
  ['query', (value) => typeof value === 'string'],
  ['variables', isObjectOrNothing],
  ['extensions', isObjectOrNothing],
  ['operationName', (value) => value == null || typeof value === 'string'],
]);

type Engine = ReturnType<Yoga['getEnveloped']>;

function validDocument(documents: KnownDocuments, engine: Engine, query: string): DocumentNode | null {
  const known = documents.getValid(query);
  if (known) return known;
  try {
    const document: DocumentNode = engine.parse(query);
    if (engine.validate(engine.schema, document).length > 0) return null;
    documents.setValid(document);
    return document;
  } catch {
    return null;
  }
}

/** Yoga's own reply leaves the status that it worked out for an error out of the body. */
function withoutHttp(result: ExecutionResult): ExecutionResult | object {
  if (!result.errors?.some(({ extensions }) => extensions.http)) return result;
  const errors = result.errors.map((error) => {
    const { extensions, ...rest } = error.toJSON();
    const { http: _, ...kept } = extensions ?? {};
    return { ...rest, extensions: kept };
  });
  return { ...result, errors };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
