import type { Dispatcher } from 'undici';

/** An HTTP answer. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

const headers = { 'content-type': 'application/json', accept: 'application/json' };

/** Sends a POST in undici's cheapest way: no stream, and no promise but the returned one. */
export function post(dispatcher: Dispatcher, path: string, body: string | Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const chunks: Buffer[] = [];
    dispatcher.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_, statusCode) => {
          status = statusCode;
        },
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve({ status, text: Buffer.concat(chunks).toString() }),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}
