import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { escaped } from './html.ts';
import { readStaticFiles, type StaticFile, sendStaticFile } from './staticFiles.ts';

/** packages/console builds into it. */
const folder = fileURLToPath(new URL('../generated/console', import.meta.url));

/** The page asks nobody but its own server, runs no script but its own, and makes none of text. */
const pageHeaders = {
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
};

/** Their names change with their contents. */
const assetHeaders = { 'cache-control': 'public, max-age=31536000, immutable' };

/** The path of the console's pages: all are one page, and none has a dot in its path. */
const pagePath = /^\/console(\/[^.]*)$/;
const assetPath = /^\/console\/(assets\/[^/]+)$/;

/** The console: one page, at many paths, and the files that it asks for. */
export interface Console {
  /** Answers a request for the console. @returns whether the path is the console's */
  send(response: ServerResponse, pathname: string): boolean;
}

/** The console, whose files are read when somebody first asks for one. @param label which environment this is; empty for none */
export function createConsole(label: string): Console {
  let read: ReadonlyMap<string, StaticFile> | undefined;
  const files = () => {
    read ??= readStaticFiles(folder);
    return read;
  };
  return {
    send: (response, pathname) => {
      const { method } = response.req;
      if (method !== 'GET' && method !== 'HEAD') return false;
      if (pathname === '/console') {
        // Relative: only a proxy may know what lies before the path.
        response.writeHead(308, { location: 'console/' }).end();
        return true;
      }
      const [, asset] = assetPath.exec(pathname) ?? [];
      const file = asset === undefined ? undefined : files().get(asset);
      if (file) sendStaticFile(response, file, assetHeaders);
      const [, below] = pagePath.exec(pathname) ?? [];
      if (below !== undefined)
        sendStaticFile(response, pageBelow(files().get('index.html'), below, label), pageHeaders);
      return file !== undefined || below !== undefined;
    },
  };
}

/**
 * The page as it is sent at a path: its files are named from there, since it lies at an unknown prefix and at any depth.
 *
 * @param below the path below the console, from its slash on
 */
function pageBelow(page: StaticFile | undefined, below: string, label: string): StaticFile {
  if (page === undefined) throw new Error(`expected the console's index.html in ${folder}; found none`);
  const up = '../'.repeat(below.split('/').length - 2) || './';
  const text = String(page.plain)
    .replaceAll('"./assets/', `"${up}assets/`)
    .replace('</head>', `<meta name="muster-label" content="${escaped(label)}"></head>`);
  const plain = Buffer.from(text);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type: page.type, etag, plain, coded: {} };
}
