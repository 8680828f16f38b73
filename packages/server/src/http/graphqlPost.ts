import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type Viewer } from '@muster/core';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { refusalHeaders } from '../errors/refusalHeaders.ts';
import { namesDocument } from '../graphql/documentSource.ts';
import type { Engine } from '../graphql/engine.ts';
import { acceptsStream, notAcceptable, type ResultType, resultType } from '../graphql/mediaTypes.ts';
import type { AdmittedOperation, Answer, DataText, OperationRequest } from '../graphql/operation.ts';
import type { YogaContext } from '../graphql/usePipeline.ts';
import { callerOf } from '../limits/caller.ts';
import { hasMoreValues } from '../limits/jsonValues.ts';
import { type Charge, chargeBytes, viewerKey } from '../limits/rateLimiter.ts';
import type { TransferBounds } from '../limits/transferBounds.ts';
import { tooManyValues } from '../limits/variableLimits.ts';
import type { RefusalPace } from '../security/refusalPace.ts';
import { requireBody, requireJsonType, textOf } from './body.ts';
import type { EventStreams } from './eventStream.ts';
import { HttpRefusal } from './refusal.ts';
import { sendText } from './reply.ts';
import { boundUnread } from './unread.ts';

/** The parts of the server that POSTs of GraphQL need. */
export interface GraphqlPostOptions {
  engine: Engine;
  rateLimiter: Charge;
  refusals: RefusalPace;
  /** Turns any error into one that a client may read. */
  mask(error: unknown): GraphQLError;
  streams: EventStreams;
  transfer: TransferBounds;
  maxBodyBytes: number;
  /** A body of more values is refused before it is parsed. */
  maxValues: number;
}

/**
 * Answers a POST of GraphQL: most of them without the fetch Request and Response that yoga makes of every request, which
 * cost more than all else in a small one. Everything unusual is for yoga.
 *
 * @throws HttpRefusal where the body isn't JSON, or is too long
 */
export async function answerPost(
  options: GraphqlPostOptions,
  request: IncomingMessage,
  response: ServerResponse,
  viewer: Viewer,
): Promise<void> {
  const { engine, transfer, maxBodyBytes } = options;
  requireJsonType(request);
  const bounds = { maxBytes: maxBodyBytes, underWay: transfer.bodies, client: viewerKey(viewer) };
  const body = await requireBody(request, bounds);
  const begun = engine.loopTurns.run(viewerKey(viewer), () => begin(options, { request, response, body, viewer }));
  const { answer, type, left, subscription } = begun instanceof Promise ? await begun : begun;
  if (subscription) return answerSubscription(options, request, response, { viewer, ...subscription });
  if (left) return engine.yoga(request, response, { viewer, ...left });
  const settled = answer instanceof Promise ? await answer : answer;
  const [refusal] = ('errors' in settled && settled.errors) || [];
  if (refusal) await options.refusals.hold(refusal, viewer, callerOf(response));
  sendAnswer(response, settled, type);
  boundUnread(response, viewer, transfer);
}

/** Answers with the events of a subscription. Where it can't begin, yoga says why. */
export async function answerSubscription(
  { engine, streams }: Pick<GraphqlPostOptions, 'engine' | 'streams'>,
  request: IncomingMessage,
  response: ServerResponse,
  context: YogaContext & { admitted: AdmittedOperation },
): Promise<void> {
  const { admitted } = context;
  const refused = await streams.answer(response, admitted);
  if (!refused) return;
  const errors = refused.errors ?? [];
  const { document } = admitted;
  return engine.yoga(request, response, { ...context, admitted: { errors, document, kind: 'subscription' } });
}

/** A request that is left to others: its body, and the operation, where it is admitted. */
type Left = Pick<YogaContext, 'admitted'> & { readonly body: { readonly json: unknown } };

/** A POST that has begun: its answer, its subscription, or the request that is left to yoga. */
type Begun =
  | { answer: Answer | Promise<Answer>; type: ResultType; left?: undefined; subscription?: undefined }
  | { left: Left; answer?: undefined; type?: undefined; subscription?: undefined }
  | { subscription: Left & { admitted: AdmittedOperation }; answer?: undefined; type?: undefined; left?: undefined };

/** A POST whose body has come. */
interface Post {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly viewer: Viewer;
}

/** Does all that a POST takes before its first statement. @throws HttpRefusal */
function begin(options: GraphqlPostOptions, { request, response, body: bytes, viewer }: Post): Begun {
  const { engine, maxValues } = options;
  const { accept } = request.headers;
  const type = resultType(accept);
  chargeBytes(options.rateLimiter, viewer, bytes.length);
  if (type !== null && hasMoreValues(bytes, maxValues)) {
    options.rateLimiter.charge(viewer, 1 + maxValues);
    return { answer: { errors: [options.mask(tooManyValues(maxValues))] }, type };
  }
  const json = parseJson(bytes);
  const body = { json };
  if (!isOperationRequest(json) || (type === null && !acceptsStream(accept))) return { left: { body } };
  const admitted = engine.pipeline.admit(viewer, json, request);
  if ('errors' in admitted) return type ? { answer: { errors: admitted.errors }, type } : { left: { body, admitted } };
  if (admitted.kind !== 'subscription') {
    return type ? { answer: admitted.answer(callerOf(response)), type } : { left: { body, admitted } };
  }
  if (!acceptsStream(accept)) throw new HttpRefusal(406, 'BAD_USER_INPUT', notAcceptable(accept, true));
  return { subscription: { body, admitted } };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(textOf(body));
  } catch {
    throw new HttpRefusal(400, 'BAD_USER_INPUT', 'expected a body of JSON in UTF-8; got another');
  }
}

/** Whether a body holds the parameters of an operation, and nothing unusual: yoga says what is wrong with others. */
export function isOperationRequest(json: unknown): json is OperationRequest {
  if (!isObject(json)) return false;
  for (const name in json) if (!parameters.get(name)?.(json[name])) return false;
  return typeof json.query === 'string' || namesDocument(json);
}

const isTextOrNothing = (value: unknown) => value == null || typeof value === 'string';
const isObjectOrNothing = (value: unknown) => value == null || isObject(value);

/** The parameters that there are, and the check of each. */
const parameters: ReadonlyMap<string, (value: unknown) => boolean> = new Map<string, (value: unknown) => boolean>([
  ['query', isTextOrNothing],
  ['documentId', isTextOrNothing],
  ['variables', isObjectOrNothing],
  ['extensions', isObjectOrNothing],
  ['operationName', isTextOrNothing],
]);

function sendAnswer(response: ServerResponse, answer: Answer, type: ResultType): void {
  if ('dataText' in answer) sendText(response, 200, type, resultText(answer));
  else {
    const status = answer.data === undefined ? refusalStatus(answer.errors, type) : 200;
    const headers = status === 200 ? {} : refusalHeaders(answer.errors?.[0]?.extensions ?? {});
    sendText(response, status, type, JSON.stringify(withoutHttp(answer)), headers);
  }
}

function resultText({ dataText, cost }: DataText): string {
  return cost === null ? `{"data":${dataText}}` : `{"data":${dataText},"extensions":{"cost":${cost}}}`;
}

/** The status of a result that nothing was executed for, by yoga's rule: the highest that an error asks for. */
function refusalStatus(errors: readonly GraphQLError[] | undefined, type: ResultType): number {
  const asked = (errors ?? []).map(({ extensions }) => {
    const http = extensions.http as { status: number; spec?: boolean } | undefined;
    // GraphQL over HTTP has 200 for a document that isn't valid, in a reply as application/json.
    return http === undefined || (http.spec && type === 'application/json') ? 200 : http.status;
  });
  return Math.max(200, ...asked);
}

/** The result as a body has it: the status that an error asks for is no part of it. */
function withoutHttp(result: ExecutionResult): object {
  if (!result.errors?.some(({ extensions }) => extensions.http)) return result;
  const errors = result.errors.map((error) => {
    const { extensions, ...rest } = error.toJSON();
    const { http: _, ...kept } = extensions ?? {};
    return { ...rest, extensions: kept };
  });
  return { ...result, errors };
}
