import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorCode, Viewer } from '@muster/core';
import type { GraphQLError } from 'graphql';
import { httpStatus } from '../../errors/httpStatus.ts';
import { refusalHeaders } from '../../errors/refusalHeaders.ts';
import { type BodyBounds, requireBody, requireJsonType } from '../../http/body.ts';
import { sendPage } from '../../http/html.ts';
import type { Mount } from '../../http/mount.ts';
import { closingHeaders, HttpRefusal, isClientGone } from '../../http/refusal.ts';
import { sendJson } from '../../http/reply.ts';
import { boundUnread } from '../../http/unread.ts';
import { callerOf } from '../../limits/caller.ts';
import { chargeBytes, type RateLimiter, viewerKey } from '../../limits/rateLimiter.ts';
import type { TransferBounds } from '../../limits/transferBounds.ts';
import type { Authentication, Client } from '../../security/authentication.ts';
import { tokenOfHeaders } from '../../security/bearerToken.ts';
import type { RefusalPace } from '../../security/refusalPace.ts';
import type { CallMethod } from '../methods/callMethod.ts';
import { supervisorService } from '../methods/methods.ts';
import type { Protocol } from '../proto/protocol.ts';
import { docsPage } from './docsPage.ts';
import { fillReply } from './fillReply.ts';
import { describeApi } from './openapi.ts';
import { mergeRequest, parseBody, parseQuery } from './restRequest.ts';
import { createRouter } from './router.ts';

/** The beginning of the path of each REST route. */
const restPrefix = '/plugin/v1/';

/** The parts of the server that REST needs. */
export interface RestOptions {
  callMethod: CallMethod;
  authentication: Pick<Authentication, 'authenticate' | 'takeAnonymous'>;
  rateLimiter: Pick<RateLimiter, 'consume' | 'charge'>;
  refusals: RefusalPace;
  protocol: Protocol;
  /** Turns any error into the error that a client may read. */
  mask(error: unknown): GraphQLError;
  /** The longest body, in bytes; a longer body is refused with 413. */
  maxBodyBytes: number;
  transfer: TransferBounds;
  /** The path below which a proxy shows the server, without a slash at its end; empty for none. */
  basePath: string;
}

/** Who asks, as far as that is known. */
interface Asker {
  readonly client: Client;
  viewer?: Viewer;
}

/** Serves the REST routes of the reference, their OpenAPI document and the page to read it. */
export function createRest(options: RestOptions): Mount {
  const { callMethod, protocol } = options;
  const router = createRouter(supervisorService.methods);
  const service = protocol.service(supervisorService.name);
  const api = describeApi(protocol, supervisorService, options.basePath);
  const page = docsPage(api);

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    viewer: Viewer,
  ): Promise<unknown> {
    const found = router.find(url.pathname);
    if (!found)
      throw new HttpRefusal(404, 'NOT_FOUND', `no route ${url.pathname.slice(0, 200)}; see ${restPrefix}docs`);
    const method = found.methods.get(request.method ?? '');
    if (!method?.handle) throw wrongVerb(request, [...found.methods.keys()]);
    const desc = service.methods.find(({ name }) => name === method.name);
    if (!desc) throw new Error(`${method.name} is not described`);
    const bounds = { maxBytes: options.maxBodyBytes, underWay: options.transfer.bodies, client: viewerKey(viewer) };
    const bytes = await readRequestBody(request, bounds);
    chargeBytes(options.rateLimiter, viewer, bytes.length);
    const body = parseBody(bytes);
    const query = parseQuery(desc.input, url.searchParams);
    const message = mergeRequest(desc.input, { path: found.fields, query, body });
    return fillReply(desc.output, await callMethod(method, viewer, message, callerOf(response)));
  }

  function refuse(response: ServerResponse, error: unknown): void {
    sendRefusal(response, error, options.mask(error));
  }

  function sendRefusal(response: ServerResponse, error: unknown, { message, extensions }: GraphQLError): void {
    // The code implies the status.
    const { code, path, http: _, ...details } = extensions;
    const body = { code, message, ...(path ? { path } : {}), ...(Object.keys(details).length > 0 ? { details } : {}) };
    const http = error instanceof HttpRefusal ? error : undefined;
    const status = http?.status ?? httpStatus[code as ErrorCode];
    const headers = { ...closingHeaders(response.req), ...refusalHeaders(extensions), ...http?.headers };
    sendJson(response, status, { error: body }, headers);
  }

  /** The description of the API, which needs no credential. */
  const documents: Readonly<Record<string, (response: ServerResponse) => void>> = {
    [`${restPrefix}openapi.json`]: (response) => sendJson(response, 200, api),
    [`${restPrefix}docs`]: (response) => sendPage(response, page),
  };

  async function serve(request: IncomingMessage, response: ServerResponse, asker: Asker): Promise<void> {
    const url = URL.parse(request.url ?? '/', 'http://muster');
    if (url === null) throw new HttpRefusal(404, 'NOT_FOUND', 'no such route');
    const document = documents[url.pathname];
    if (document) {
      requireRead(request);
      options.authentication.takeAnonymous(asker.client);
      return document(response);
    }
    const viewer = await options.authentication.authenticate(asker.client, tokenOfHeaders(request.headers));
    asker.viewer = viewer;
    options.rateLimiter.consume(viewer);
    sendJson(response, 200, await answer(request, response, url, viewer));
    boundUnread(response, viewer, options.transfer);
  }

  return {
    prefix: restPrefix,
    refuse,
    answer: async (request, response, client) => {
      const asker: Asker = { client };
      try {
        await serve(request, response, asker);
      } catch (error) {
        if (isClientGone(request) || response.destroyed) return;
        const refusal = options.mask(error);
        await options.refusals.hold(refusal, asker.viewer ?? client, callerOf(response));
        if (!response.destroyed) sendRefusal(response, error, refusal);
      }
    },
  };
}

function requireRead(request: IncomingMessage): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongVerb(request, ['GET', 'HEAD']);
}

function wrongVerb(request: IncomingMessage, allowed: readonly string[]): HttpRefusal {
  const allow = allowed.join(', ');
  return new HttpRefusal(405, 'BAD_USER_INPUT', `expected ${allow}; got ${request.method}`, { allow });
}

/** The body's bytes, of JSON or none. @throws HttpRefusal 413 or 415 */
async function readRequestBody(request: IncomingMessage, bounds: BodyBounds): Promise<Buffer> {
  const body = await requireBody(request, bounds);
  if (body.length > 0 || request.headers['content-type'] !== undefined) requireJsonType(request);
  return body;
}
