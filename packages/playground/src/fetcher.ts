import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Credential } from './credential.ts';
import type { LiveStreams } from './liveStreams.ts';
import { operationOf } from './operation.ts';

/** The parameters of a fetcher. */
export interface FetcherOptions {
  readonly url: URL;
  readonly credential: Credential;
  readonly streams: LiveStreams;
  /** The id of the tab that is shown. */
  activeTab(): string;
}

/** The name of the query by which GraphiQL learns the schema. */
const introspection = 'IntrospectionQuery';

/**
 * Sends GraphiQL's operations: subscriptions to the live streams, everything else over HTTP. Every answer is a result, so
 * that GraphiQL has no error to show the stack of.
 */
export function createFetcher({ url, credential, streams, activeTab }: FetcherOptions): Fetcher {
  return async (params, options) => {
    const operation = operationOf(params.query, params.operationName);
    const request = operation ? { ...params, operationName: operation.name?.value ?? null } : params;
    if (operation?.operation === 'subscription') {
      streams.start(activeTab(), request, operation);
      return {};
    }
    if (params.operationName !== introspection) streams.forget(activeTab());
    const result = await post(url, request, headersOf(credential, options));
    const refusal = result.errors?.find(({ extensions }) => extensions?.code === 'UNAUTHENTICATED');
    if (refusal) credential.refused(refusal.message);
    else credential.accepted();
    return result;
  };
}

function headersOf(credential: Credential, options: FetcherOpts | undefined): Record<string, string> {
  const authorization = credential.authorization();
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(authorization && { authorization }),
    ...options?.headers,
  };
}

async function post(url: URL, request: FetcherParams, headers: Record<string, string>): Promise<ExecutionResult> {
  let text = '';
  try {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(request) });
    text = await response.text();
    return JSON.parse(text);
  } catch (error) {
    const why = text === '' ? `No answer came: ${error instanceof Error ? error.message : error}` : text;
    return { errors: [new GraphQLError(why)] };
  }
}
