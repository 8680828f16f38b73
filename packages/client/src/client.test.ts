import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { TypedDocumentString } from './generated/graphql.ts';
import { RequestError } from './requestError.ts';

const nameDocument = new TypedDocumentString<{ name: string }, { id: string }>(
  'query Name($id: ID!) { name(id: $id) }',
);

describe('a client', () => {
  it('sends the document, the variables and the token, and resolves with the data', async () => {
    let seen: unknown;
    const url = await serve((request, response) => {
      request.setEncoding('utf8').once('data', (body: string) => {
        seen = { method: request.method, authorization: request.headers.authorization, body: JSON.parse(body) };
        response.end(JSON.stringify({ data: { name: 'dev' } }));
      });
    });
    const client = createClient({ url, token: 'secret' });
    expect(await client.query(nameDocument, { id: '1' })).toEqual({ name: 'dev' });
    expect(seen).toEqual({
      method: 'POST',
      authorization: 'Bearer secret',
      body: { query: nameDocument.toString(), variables: { id: '1' } },
    });
  });

  it("throws the server's code, message and extensions, whatever the HTTP status", async () => {
    const extensions = { code: 'NOT_FOUND', id: '1' };
    const url = await serve((_, response) => {
      response.writeHead(404).end(JSON.stringify({ data: null, errors: [{ message: 'no supervisor 1', extensions }] }));
    });
    const error = await failure(createClient({ url }).query(nameDocument, { id: '1' }));
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: 'no supervisor 1', extensions, isTransient: false });
  });

  it('throws for an error without a code, too, although there is data beside it', async () => {
    const url = await serve((_, response) => {
      response.end(JSON.stringify({ data: { name: 'dev' }, errors: [{ message: 'half of it failed' }] }));
    });
    const error = await failure(createClient({ url }).query(nameDocument, { id: '1' }));
    expect(error).toMatchObject({ code: 'UNKNOWN', message: 'half of it failed' });
  });

  it.each([
    ['a page', '<html>Bad gateway</html>'],
    ['JSON that is no answer', '[]'],
    ['nothing', ''],
  ])('calls %s a bad answer, with the HTTP status', async (_, body) => {
    const url = await serve((_, response) => response.writeHead(502).end(body));
    const error = await failure(createClient({ url }).query(nameDocument, { id: '1' }));
    expect(error).toMatchObject({
      code: 'BAD_ANSWER',
      message: 'expected a GraphQL answer; got HTTP 502',
      isTransient: true,
    });
  });

  it('says why a server is unreachable', async () => {
    const url = await serve(() => {});
    await stopServers();
    const error = await failure(createClient({ url }).query(nameDocument, { id: '1' }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', isTransient: true });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('gives up on an answer that does not come', async () => {
    const url = await serve(() => {});
    const error = await failure(createClient({ url, timeoutMs: 20 }).query(nameDocument, { id: '1' }));
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'no answer within 20 ms', isTransient: true });
  });

  it('gives up on an answer that begins and does not end', async () => {
    const url = await serve((_, response) => response.write('{"data":'));
    const error = await failure(createClient({ url, timeoutMs: 50 }).query(nameDocument, { id: '1' }));
    expect(error.code).toBe('TIMEOUT');
  });

  it("throws the signal's reason once it is aborted", async () => {
    const url = await serve(() => {});
    const stopping = new AbortController();
    const request = createClient({ url }).query(nameDocument, { id: '1' }, stopping.signal);
    stopping.abort(new Error('the caller went home'));
    await expect(request).rejects.toThrow('the caller went home');
  });

  it('gives each event of a subscription, until the server ends it', async () => {
    const url = await serve((request, response) => {
      expect(request.headers.accept).toBe('text/event-stream');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: next\ndata: {"data":{"name":"a"}}\n\nevent: next\ndata: {"data":{"name":"b"}}\n\n');
      response.end('event: complete\ndata:\n\n');
    });
    const names: string[] = [];
    for await (const { name } of createClient({ url }).subscribe(nameDocument, { id: '1' })) names.push(name);
    expect(names).toEqual(['a', 'b']);
  });

  it('ends a subscription whose connection is open and silent', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    });
    const names = createClient({ url, silenceMs: 50 }).subscribe(nameDocument, { id: '1' });
    expect(await failure(names.next())).toMatchObject({
      code: 'UNREACHABLE',
      message: 'the connection was silent for 50 ms',
    });
  });

  it('says that a connection is lost, also to a reader that was busy as it broke', async () => {
    const lost = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.once('close', () => lost.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: next\ndata: {"data":{"name":"a"}}\n\n', () => response.destroy());
    });
    const names = createClient({ url }).subscribe(nameDocument, { id: '1' });
    expect((await names.next()).value).toEqual({ name: 'a' });
    await lost.promise;
    expect(await failure(names.next())).toMatchObject({ code: 'UNREACHABLE', isTransient: true });
  });

  it('throws what a subscription is refused with', async () => {
    const refusal = { errors: [{ message: 'no supervisor 1', extensions: { code: 'NOT_FOUND' } }] };
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    });
    const names = createClient({ url }).subscribe(nameDocument, { id: '1' });
    expect(await failure(names.next())).toMatchObject({ code: 'NOT_FOUND', message: 'no supervisor 1' });
  });
});

const releasers: (() => Promise<void>)[] = [];
afterEach(stopServers);

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  releasers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function stopServers(): Promise<void> {
  for (const release of releasers.splice(0)) await release();
}

async function failure(request: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RequestError)) throw new Error(`expected a RequestError; got ${error}`);
  return error;
}
