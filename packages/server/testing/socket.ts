import { type ClientOptions, WebSocket } from 'ws';
import { createQueue } from './queue.ts';

/** A message of `graphql-transport-ws`. */
export interface SocketMessage {
  id?: string;
  type: string;
  payload?: unknown;
}

/** A WebSocket client that says whatever a test wants, right or wrong, and keeps all that comes until it is taken. */
export interface TestSocket {
  readonly webSocket: WebSocket;
  /** Sends a text as it is, anything else as JSON. */
  send(message: string | object): void;
  /** Sends `subscribe`, which starts any kind of operation. */
  start(id: string, query: string, variables?: Record<string, unknown>): void;
  /** The next message, or the next about the operation `id`. */
  next(id?: string): Promise<SocketMessage>;
  /** The next result of a subscription's `field`. */
  nextData<Data>(id: string, field: string): Promise<Data>;
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

/** Opens a socket; unless `greet` is false, also says `connection_init`, with `params`, and waits for its answer. */
export async function openSocket(
  url: string,
  {
    greet = true,
    protocol = 'graphql-transport-ws',
    params,
    headers = {},
    closeTimeout = 30_000,
    last = '',
  }: {
    greet?: boolean;
    protocol?: string;
    params?: Record<string, unknown>;
    headers?: Record<string, string>;
    /** How long it waits for the end of a connection that the server has said it closes, in milliseconds. */
    closeTimeout?: number;
    /** A text behind the path. */
    last?: string;
  } = {},
): Promise<TestSocket> {
  // The types lack one.
  const options: ClientOptions & { closeTimeout: number } = { headers, closeTimeout };
  const webSocket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql${last}`, protocol, options);
  const messages = createQueue<SocketMessage>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.once('close', (code, reason) => {
      messages.end(`the socket was closed with ${code} ${reason}`);
      resolve({ code, reason: String(reason) });
    });
  });
  webSocket.on('message', (data) => messages.push(JSON.parse(String(data))));
  await new Promise((resolve, reject) => webSocket.once('open', resolve).once('error', reject));
  webSocket.on('error', () => {});

  const next = (id?: string) => messages.take((message) => id === undefined || message.id === id);
  const send = (message: string | object) =>
    webSocket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const socket: TestSocket = {
    webSocket,
    send,
    start: (id, query, variables = {}) => send({ id, type: 'subscribe', payload: { query, variables } }),
    next,
    nextData: async <Data>(id: string, field: string) => {
      const message = await next(id);
      const data = (message.payload as { data?: Record<string, unknown> } | undefined)?.data;
      if (message.type !== 'next' || !data) throw new Error(`expected data of ${id}; got ${JSON.stringify(message)}`);
      return data[field] as Data;
    },
    closed,
    close: async () => {
      webSocket.terminate();
      await closed;
    },
  };
  if (greet) {
    send({ type: 'connection_init', ...(params ? { payload: params } : {}) });
    const answer = await next();
    if (answer.type !== 'connection_ack') throw new Error(`expected connection_ack; got ${JSON.stringify(answer)}`);
  }
  return socket;
}
