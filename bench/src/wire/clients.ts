import { connect, constants } from 'node:http2';
import { Client } from 'undici';
import { post } from '../load/post.ts';
import type { WayName } from './ways.ts';

/** A connection that is kept open. */
export interface Connection {
  /**
   * Sends a request and resolves with its answer: JSON, or a protobuf message.
   *
   * @throws Error with the answer if the server refuses
   */
  ask(path: string, body: Buffer): Promise<Buffer>;
  close(): void;
}

/** The addresses of a server. */
export interface ServerAddresses {
  readonly url: string;
  readonly grpcAddress: string;
}

/** Opens a connection for a way. */
export function openConnection(way: WayName, { url, grpcAddress }: ServerAddresses): Connection {
  return way === 'grpc' ? openGrpc(grpcAddress) : openHttp(new URL(url).origin);
}

function openHttp(origin: string): Connection {
  const client = new Client(origin, { pipelining: 1 });
  return {
    ask: async (path, body) => {
      const { status, text } = await post(client, path, body);
      if (status !== 200 || text.includes('"errors":[')) {
        throw new Error(`expected an answer; got ${status} ${text.slice(0, 500)}`);
      }
      return Buffer.from(text);
    },
    close: () => void client.close(),
  };
}

/** Length of the prefix of a gRPC message: a compression flag and the message's length. */
const prefixBytes = 5;

/** Speaks gRPC by bare HTTP/2: a library would cost the load more than the server. */
function openGrpc(address: string): Connection {
  const session = connect(`http://${address}`);
  return {
    ask: (path, message) =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          [constants.HTTP2_HEADER_METHOD]: 'POST',
          [constants.HTTP2_HEADER_PATH]: path,
          [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
          [constants.HTTP2_HEADER_TE]: 'trailers',
        });
        const chunks: Buffer[] = [];
        let status: unknown;
        let said: unknown;
        const read = (headers: NodeJS.Dict<string | string[]>) => {
          status = headers['grpc-status'] ?? status;
          said = headers['grpc-message'] ?? said;
        };
        stream.on('response', (headers) => read(headers as NodeJS.Dict<string | string[]>));
        stream.on('trailers', (headers) => read(headers as NodeJS.Dict<string | string[]>));
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', reject);
        stream.on('end', () => {
          if (status === '0') resolve(Buffer.concat(chunks).subarray(prefixBytes));
          else reject(new Error(`expected an answer; got status ${status}: ${said}`));
        });
        const prefix = Buffer.alloc(prefixBytes);
        prefix.writeUInt32BE(message.length, 1);
        stream.end(Buffer.concat([prefix, message]));
      }),
    close: () => session.close(),
  };
}
