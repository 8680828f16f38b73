import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { readStaticFiles, type StaticFile, sendStaticFile } from './staticFiles.ts';

/** packages/playground builds into it. */
const folder = fileURLToPath(new URL('../generated/playground', import.meta.url));

/** The page asks nobody but its own server. Its editor writes styles into the page. */
const pageHeaders = {
  'cache-control': 'no-cache',
  // Others get an answer of GraphQL at this path.
  vary: 'accept, accept-encoding',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/** Their names change with their contents. */
const assetHeaders = { 'cache-control': 'public, max-age=31536000, immutable' };

/** The page asks for them beside itself: at `/playground/`, or, where it was asked for as `/graphql/`, below that. */
const assetPath = /^(?:\/graphql)?\/(playground\/.+)/;

/** The playground: a page, and the files that it asks for. */
export interface Playground {
  sendPage(response: ServerResponse): void;
  /** Sends the file at a path. @returns whether there is one */
  sendAsset(response: ServerResponse, pathname: string): boolean;
}

/** The playground, whose files are read when somebody first asks for one. */
export function createPlayground(): Playground {
  let read: ReadonlyMap<string, StaticFile> | undefined;
  const fileAt = (path: string) => {
    read ??= readStaticFiles(folder);
    return read.get(path);
  };
  return {
    sendPage: (response) => {
      const page = fileAt('index.html');
      if (page === undefined) throw new Error(`expected the playground's index.html in ${folder}; found none`);
      sendStaticFile(response, page, pageHeaders);
    },
    sendAsset: (response, pathname) => {
      const [, path] = assetPath.exec(pathname) ?? [];
      const file = path === undefined ? undefined : fileAt(path);
      if (file) sendStaticFile(response, file, assetHeaders);
      return file !== undefined;
    },
  };
}
