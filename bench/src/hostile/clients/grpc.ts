import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import type { AttackContext } from '../attack.ts';
import { attackerAddress } from './http.ts';

/** The names of the gRPC statuses, by number. */
const statusNames: Readonly<Record<string, string>> = {
  0: 'ok',
  1: 'CANCELLED',
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  8: 'RESOURCE_EXHAUSTED',
  12: 'UNIMPLEMENTED',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

/** Connects to gRPC. */
export async function openGrpc({ target, signal }: AttackContext): Promise<ClientHttp2Session> {
  const { hostname, port } = new URL(`http://${target.grpcAddress}`);
  const socket = connect({ host: hostname, port: Number(port), localAddress: attackerAddress });
  socket.on('error', () => {});
  const session = connectHttp2(`http://${target.grpcAddress}`, { createConnection: () => socket });
  const failed = new Promise<never>((_, reject) => {
    session.on('error', reject);
    session.on('close', () => reject(new Error('the connection was closed')));
  });
  failed.catch(() => {});
  signal.addEventListener('abort', () => session.destroy(), { once: true });
  await Promise.race([new Promise((resolve) => session.once('remoteSettings', resolve)), failed]);
  return session;
}

/** Begins a call, without its message. */
export function beginCall(session: ClientHttp2Session, path: string, key?: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  });
  stream.on('error', () => {});
  return stream;
}

/** Frames a message as gRPC has it: a flag for compression, and the length. */
export function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Makes a unary call, or reads a stream to its end; resolves with the outcome. */
export function call(session: ClientHttp2Session, path: string, message: Buffer, key?: string): Promise<string> {
  return new Promise((resolve) => {
    const stream = beginCall(session, path, key);
    let status = 'no status';
    const read = (headers: object) => {
      const code = (headers as Record<string, unknown>)['grpc-status'];
      if (code !== undefined) status = statusNames[String(code)] ?? `status ${code}`;
    };
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('close', () => resolve(stream.rstCode ? `reset ${stream.rstCode}` : status));
    stream.resume();
    stream.end(frame(message));
  });
}

/** Makes a connection, and another one whenever the server has closed the last. */
export function keepGrpcOpen(context: AttackContext): () => Promise<ClientHttp2Session> {
  let opened: Promise<ClientHttp2Session> | undefined;
  return async () => {
    opened ??= openGrpc(context);
    const current = opened;
    const session = await current.catch((error: unknown) => {
      if (opened === current) opened = undefined;
      throw error;
    });
    if (!session.closed && !session.destroyed) return session;
    if (opened === current) opened = undefined;
    throw Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' });
  };
}
