import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, relative } from 'node:path';

/** The codings in which a file may lie beside itself, best first, by the ends of their names. */
const codings = { br: '.br', gzip: '.gz' } as const;
type Coding = keyof typeof codings;

/** A file as it was made at build. */
export interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly coded: Readonly<Partial<Record<Coding, Buffer>>>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/**
 * Reads a folder of files that were compressed at build. They stay in memory: a client that goes away keeps no file open,
 * and what waits for one that reads slowly is counted as of any answer.
 *
 * @returns the files by their paths in the folder, such as `playground/index.js`
 */
export function readStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readStaticFile(join(folder, name))]));
}

function readStaticFile(path: string): StaticFile {
  const plain = readFileSync(path);
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    coded: { br: readFileSync(path + codings.br), gzip: readFileSync(path + codings.gzip) },
  };
}

/** Sends a file in the best coding that the client takes, or says that the client has it. */
export function sendStaticFile(response: ServerResponse, file: StaticFile, headers: Record<string, string>): void {
  const { headers: asked } = response.req;
  const validators = { etag: file.etag, vary: 'accept-encoding', ...headers };
  if (asked['if-none-match']?.includes(file.etag)) {
    response.writeHead(304, validators).end();
    return;
  }
  const coding = codingFor(file, asked['accept-encoding']);
  const body = (coding && file.coded[coding]) ?? file.plain;
  response.writeHead(200, {
    'content-type': file.type,
    'content-length': body.length,
    ...(coding && { 'content-encoding': coding }),
    'x-content-type-options': 'nosniff',
    ...validators,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function codingFor({ coded }: StaticFile, header: string | string[] | undefined): Coding | undefined {
  const accepted = String(header ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';', 1)[0]?.trim().toLowerCase());
  return (Object.keys(codings) as Coding[]).find((coding) => coded[coding] && accepted.includes(coding));
}
