import type { ServerResponse } from 'node:http';
import type { Viewer } from '@muster/core';
import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin, YogaInitialContext } from 'graphql-yoga';
import { notAcceptableAnswer } from '../errors/refusals.ts';
import { callerOf } from '../limits/caller.ts';
import { resultOf } from './answer.ts';
import { namesDocument } from './documentSource.ts';
import { notAcceptable } from './mediaTypes.ts';
import type { AdmittedOperation, Carrier, OperationRequest, Pipeline, Refusal } from './operation.ts';

/** The context that HTTP passes to yoga with a request. */
export interface YogaContext extends Record<string, unknown> {
  /** Whom the request is from. */
  viewer: Viewer;
  /** The body, read and parsed; absent for a request without one. */
  body?: { readonly json: unknown };
  /** The operation, where the pipeline has admitted it already. */
  admitted?: AdmittedOperation | Refusal;
}

/**
 * Makes yoga answer by the pipeline, in place of yoga's parsing, validation and execution. Masks yoga's own errors too,
 * which are about malformed requests; `mask` leaves errors that were masked before as they are.
 */
export function usePipeline(pipeline: Pipeline, mask: (error: unknown) => GraphQLError): Plugin<object, YogaContext> {
  return {
    onRequestParse: ({ request, serverContext: { body }, requestParser, setRequestParser }) => {
      if (body) setRequestParser(() => paramsOf(body.json));
      else if (requestParser) setRequestParser(async (each) => withDocumentId(await requestParser(each), request));
    },
    onParams: ({ params, setParams, setParamsHandler }) => {
      // Yoga asks for a text, which a request doesn't need that names its document.
      if (params.query == null && namesDocument(params as OperationRequest)) setParams({ ...params, query: '' });
      setParamsHandler(({ request, params, context }) => {
        const admitted = context.admitted ?? admit(params, context);
        if ('errors' in admitted) return { errors: admitted.errors };
        if (admitted.kind === 'subscription') {
          // Those that can be answered are answered elsewhere (http/eventStream.ts).
          const accept = request.headers.get('accept') ?? undefined;
          return { errors: [mask(notAcceptableAnswer(notAcceptable(accept, true)))] };
        }
        const { res } = context as unknown as { res: ServerResponse };
        return Promise.resolve(admitted.answer(callerOf(res))).then(resultOf);
      });
    },
    onResponse: ({ response, setResponse, fetchAPI }) => {
      const { status, headers, body } = response;
      // Clients of server-sent events read no body of another status: the errors are the events.
      if (status === 200 || !headers.get('content-type')?.startsWith('text/event-stream')) return;
      setResponse(new fetchAPI.Response(body, { status: 200, headers }));
    },
    onResultProcess: ({ result, setResult }) => {
      if ('errors' in result && result.errors) setResult({ ...result, errors: result.errors.map(mask) });
    },
  };

  function admit(
    params: GraphQLParams,
    context: YogaContext & Partial<YogaInitialContext>,
  ): AdmittedOperation | Refusal {
    const { viewer, req } = context as YogaContext & { req: Carrier };
    return pipeline.admit(viewer, params as OperationRequest, req);
  }
}

/** The parameters of a GET, with the one that yoga doesn't know. */
function withDocumentId<Params>(params: Params, request: Request): Params {
  const documentId = URL.parse(request.url)?.searchParams.get('documentId');
  return typeof documentId === 'string' ? { ...params, documentId } : params;
}

/** Yoga's own words for a body that can't hold parameters. */
function paramsOf(body: unknown): GraphQLParams {
  if (typeof body === 'object' && body !== null) return body;
  const came = body === null ? 'null' : typeof body;
  throw new GraphQLError(`POST body is expected to be object but received ${came}`, {
    extensions: { http: { status: 400 } },
  });
}
