import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { text } from '../base/validate.ts';

/** `scheme://host:port`, and nothing after it. The port is what follows the last colon. */
const networkForm = /^(?:grpc|grpcs|http|https|tcp):\/\/(?<host>[^\s/?#@\\]+):(?<port>\d{1,5})$/i;
/** `unix:/path` or `unix:///path`: a socket's path is absolute, since a caller has another working folder. */
const socketForm = /^unix:(?:\/\/)?\/[^/]/i;

/** Existing agents send this text where they know no endpoint. */
const unknown = 'Unknown';

/** Whether a report's endpoint says that there is none yet. */
export function isNoEndpoint(endpoint: string): boolean {
  return endpoint === '' || endpoint === unknown;
}

/**
 * Limits: whether an endpoint has a scheme that callers know, a host and a port, or names a unix socket. An IPv6 address
 * stands in brackets, or bare as existing agents write it.
 */
export function isEndpoint(endpoint: string): boolean {
  const { host, port } = networkForm.exec(endpoint)?.groups ?? {};
  if (host === undefined) return socketForm.test(endpoint);
  return isHost(host) && Number(port) >= 1 && Number(port) <= 65_535;
}

function isHost(host: string): boolean {
  const [, bracketed] = /^\[(.*)\]$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed);
  return isIPv6(host) || !/[:[\]]/.test(host);
}

/** The schema of one endpoint of a report, of 1 to `length` characters. */
export function endpointSchema(length: number) {
  return text(length).refine(
    (endpoint) => endpoint === unknown || isEndpoint(endpoint),
    'expected scheme://host:port, of the schemes grpc, grpcs, http, https and tcp, and a port from 1 to 65535, or unix:/path',
  );
}

/** The same, where an empty text stands for no endpoint. */
export function endpointOrNoneSchema(length: number) {
  const schema = endpointSchema(length);
  return z.string().superRefine((endpoint, context) => {
    if (isNoEndpoint(endpoint)) return;
    for (const { message } of schema.safeParse(endpoint).error?.issues ?? []) {
      context.addIssue({ code: 'custom', message });
    }
  });
}
