import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { type FakeCall, readCall } from './call.ts';
import { type Reply, sendReply } from './reply.ts';

/**
 * The ways in which a call goes wrong. HANG: nothing is done, and no answer ever comes. MUTE: it is done, and no answer comes
 * all the same. CUT: it is done, and the connection breaks in mid-answer. A status and a message: a refusal.
 */
type Fault = 'HANG' | 'MUTE' | 'CUT' | { readonly status: number; readonly message: string };

/** A server that stands in for an engine's, and can be made to fail. */
export interface FakeServer {
  /** The port; 0 on a unix socket. */
  readonly port: number;
  /** All calls, in their order, refused and silent ones among them. */
  readonly calls: readonly FakeCall[];
  /** Decides on each call whether anything goes wrong. */
  onCall(decide: (call: FakeCall) => Fault | undefined): void;
  /** Ends all connections, and answers no more. */
  close(): void;
}

/** @param answer does what a call asks for, and says the answer */
export async function openFakeServer(
  listen: ListenOptions,
  answer: (call: FakeCall) => Reply | Promise<Reply>,
): Promise<FakeServer> {
  const calls: FakeCall[] = [];
  let decide: (call: FakeCall) => Fault | undefined = () => undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    calls.push(call);
    const fault = decide(call);
    if (typeof fault === 'object') {
      return sendReply(response, { status: fault.status, json: { message: fault.message } });
    }
    if (fault === 'HANG') return;
    const reply = await answer(call);
    if (fault === undefined) return sendReply(response, reply);
    if (fault === 'CUT') {
      response.writeHead(200, { 'content-length': 1_000 }).write('{"half": "an answer');
      setImmediate(() => response.destroy());
    }
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(listen);
  await once(server, 'listening');
  const address = server.address();

  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    calls,
    onCall: (next) => {
      decide = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
