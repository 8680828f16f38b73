import { createServer, type IncomingMessage } from 'node:http';
import { listen } from './listen.ts';

/** Serves the least HTTP that there can be: `answer` gets a request's body and gives the JSON text of its answer. */
export function listenForText(answer: (body: string) => Promise<string>): void {
  listen(
    createServer((request, response) => {
      readText(request)
        .then(answer)
        .then(
          (text) => {
            response
              .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
              .end(text);
          },
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
    }),
  );
}

/** Reads a body by events, which cost less than asynchronous iteration. */
function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString()));
    request.on('error', reject);
  });
}
