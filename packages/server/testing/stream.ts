import { createQueue } from './queue.ts';

/** One operation's server-sent events; all that come are kept until they are taken. */
export interface TestStream {
  readonly status: number;
  /** The next event. */
  next(): Promise<{ event: string; payload: { data?: Record<string, unknown>; errors?: unknown[] } | null }>;
  /** The next result of a subscription's `field`. */
  nextData<Data>(field: string): Promise<Data>;
  /** Resolves when the server has ended the stream: false if it broke off. */
  readonly ended: Promise<boolean>;
  close(): void;
}

/** Starts an operation over SSE, by POST unless `method` says otherwise. */
export async function openStream(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
  method: 'POST' | 'GET' = 'POST',
): Promise<TestStream> {
  const cut = new AbortController();
  const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const response = await fetch(method === 'POST' ? `${url}/graphql` : `${url}/graphql?${parameters}`, {
    method,
    headers: {
      accept: 'text/event-stream',
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(method === 'POST' ? { body: JSON.stringify({ query, variables }) } : {}),
    signal: cut.signal,
  });
  const events = createQueue<Awaited<ReturnType<TestStream['next']>>>();
  return {
    status: response.status,
    next: () => events.take(),
    nextData: async <Data>(field: string) => {
      const event = await events.take();
      const data = event.payload?.data;
      if (!data) throw new Error(`expected data; got ${JSON.stringify(event)}`);
      return data[field] as Data;
    },
    ended: read(response, (text) => {
      const event = parseEvent(text);
      if (event) events.push(event);
    })
      .then(
        () => true,
        () => false,
      )
      .finally(() => events.end('the stream has ended')),
    close: () => cut.abort(),
  };
}

async function read(response: Response, onEvent: (text: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = `${rest}${chunk}`.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) onEvent(part);
  }
}

/** Undefined for a comment, which only keeps the connection alive. */
function parseEvent(text: string) {
  const line = (name: string) =>
    text
      .split('\n')
      .find((each) => each.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const event = line('event');
  if (event === undefined) return undefined;
  const data = line('data');
  return { event, payload: data ? JSON.parse(data) : null };
}
