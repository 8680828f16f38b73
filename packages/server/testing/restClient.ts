/** A reply of a REST route. */
export interface RestReply {
  status: number;
  body: Record<string, unknown> & { error?: { code: string; message: string; path?: (string | number)[] } };
}

/** A client of a server's REST routes, by their paths under /plugin/v1; bodies are JSON. */
export function restClient(url: string) {
  const send = async (method: string, path: string, body?: unknown): Promise<RestReply> => {
    const response = await fetch(`${url}/plugin/v1${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as RestReply['body'] };
  };
  return {
    send,
    get: (path: string) => send('GET', path),
    post: (path: string, body?: unknown) => send('POST', path, body),
    put: (path: string, body?: unknown) => send('PUT', path, body),
    remove: (path: string) => send('DELETE', path),
  };
}
