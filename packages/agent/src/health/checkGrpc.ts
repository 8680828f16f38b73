import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { ObservedPort } from '../driver/observed.ts';

/** `grpc.health.v1.Health/Check`, whose two messages are one field each. */
const method = '/grpc.health.v1.Health/Check';
/** `HealthCheckResponse.ServingStatus`. */
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/**
 * Asks by `grpc.health.v1` (G3).
 *
 * @param unimplemented the check in place of it, where the server has no such service
 */
export async function checkGrpc(
  { host, port }: ObservedPort,
  service: string,
  timeoutMs: number,
  unimplemented: () => Promise<string | null>,
): Promise<string | null> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  // A plugin is on this host or in this cluster: the proxy of the agent's environment is for the server and registries.
  const client = new Client(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  try {
    const serving = await new Promise<number>((resolve, reject) => {
      const deadline = Date.now() + timeoutMs;
      client.makeUnaryRequest(method, encodeRequest, decodeResponse, service, { deadline }, (error, answer) => {
        if (error) reject(error);
        else resolve(answer ?? 0);
      });
    });
    return serving === 1 ? null : `grpc.health.v1 says ${servingStatuses[serving] ?? serving}`;
  } catch (error) {
    const { code, details } = error as ServiceError;
    if (code === status.UNIMPLEMENTED) return unimplemented();
    return `no answer of grpc.health.v1 at port ${port}: ${wordsOf(details) || status[code]}`;
  } finally {
    client.close();
  }
}

/** The library's details have an empty note at their end. */
function wordsOf(details: string | undefined): string | undefined {
  return details?.replace(/ Resolution note: $/, '');
}

/** Field 1, a text of less than 16 KiB: the service. */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service);
  if (text.length === 0) return text;
  const length = text.length < 128 ? [text.length] : [0x80 | (text.length & 0x7f), text.length >> 7];
  return Buffer.concat([Buffer.of(0x0a, ...length), text]);
}

/** Field 1, a number: the status; 0 where it is left out. */
function decodeResponse(bytes: Buffer): number {
  return bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0;
}
