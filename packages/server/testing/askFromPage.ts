/// <reference lib="dom" />

/** A request that a page tries to make. */
export interface PageAttempt {
  readonly url: string;
  /** The body of requests that have one. */
  readonly body: string;
}

/**
 * Runs in a page: makes the browser ask a server by every way that a page has. Resolves with what the page could read of
 * each answer; null for nothing. It stands alone, since the browser gets only this function's text.
 */
export async function askFromPage({ url, body }: PageAttempt): Promise<Record<string, unknown>> {
  function load<Name extends keyof HTMLElementTagNameMap>(
    name: Name,
    attributes: Partial<Record<string, string>>,
    read: (element: HTMLElementTagNameMap[Name]) => unknown,
  ): Promise<unknown> {
    return new Promise((resolve) => {
      const element = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value ?? '');
      element.addEventListener('load', () => resolve(read(element)));
      element.addEventListener('error', () => resolve(null));
      document.head.append(element);
    });
  }

  function submit(attributes: Partial<Record<string, string>>, [name, value]: [string, string]): Promise<unknown> {
    const frame = document.createElement('iframe');
    frame.name = `frame-${document.body.childElementCount}`;
    const form = document.createElement('form');
    for (const [key, text] of Object.entries(attributes)) form.setAttribute(key, text ?? '');
    form.target = frame.name;
    const field = document.createElement('input');
    Object.assign(field, { name, value });
    form.append(field);
    document.body.append(frame, form);
    return new Promise((resolve) => {
      frame.addEventListener('load', () => {
        // An empty page comes before the answer.
        if (!isBlank(frame)) resolve(textOf(frame));
      });
      form.submit();
    });
  }

  const isBlank = ({ contentDocument }: HTMLIFrameElement) => contentDocument?.URL === 'about:blank';
  const textOf = ({ contentDocument }: HTMLIFrameElement) => contentDocument?.body?.textContent ?? null;

  function firstOf(source: EventSource | WebSocket): Promise<unknown> {
    return new Promise((resolve) => {
      for (const [name, seen] of [
        ['open', 'opened'],
        ['error', null],
      ] as const) {
        source.addEventListener(name, () => {
          source.close();
          resolve(seen);
        });
      }
    });
  }

  const fetched = async (options: RequestInit) => {
    try {
      return (await (await fetch(url, options)).text()) || null;
    } catch {
      return null;
    }
  };

  const { pathname, search, origin } = new URL(url);
  const action = origin + pathname;
  const [name = 'x', value = ''] = new URLSearchParams(search).entries().next().value ?? [];
  // A body of text/plain that is JSON: the name, `=` and the value.
  const jsonField: [string, string] = [body.replace(/\}$/, ', "extensions": {"x": "'), '"}}'];
  return {
    img: await load('img', { src: url }, ({ naturalWidth }) => naturalWidth),
    stylesheet: await load('link', { rel: 'stylesheet', href: url }, () => 'loaded'),
    script: await load('script', { src: url }, () => 'ran'),
    iframe: await submit({ action, method: 'get' }, [name, value]),
    'form POST': await submit({ action, method: 'post' }, ['query', body]),
    'form POST text/plain': await submit({ action, method: 'post', enctype: 'text/plain' }, jsonField),
    'form POST multipart': await submit({ action, method: 'post', enctype: 'multipart/form-data' }, ['query', body]),
    EventSource: await firstOf(new EventSource(url)),
    WebSocket: await firstOf(new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')),
    fetch: await fetched({}),
    'fetch no-cors': await fetched({ mode: 'no-cors' }),
    'fetch POST no-cors': await fetched({ mode: 'no-cors', method: 'POST', body }),
    'fetch POST JSON': await fetched({ method: 'POST', body, headers: { 'content-type': 'application/json' } }),
    beacon: navigator.sendBeacon(url, body) ? null : 'not sent',
  };
}
