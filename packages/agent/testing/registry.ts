import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** A registry of images, on loopback: there engines take one without TLS. */
export interface Registry {
  /** Its host and port, as images' names begin with it. */
  readonly host: string;
  /** Offers an image of one layer, an archive of its files, by a tag; says its digest. */
  offer(name: string, tag: string, archive: string): Promise<string>;
  /** Whether layers come half, and no further. */
  stall(isStalled: boolean): void;
  close(): void;
}

const types = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
};

/**
 * Opens a registry.
 *
 * @param credentials `username:password`, without which nothing is given
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export async function openRegistry(credentials: string): Promise<Registry> {
  const blobs = new Map<string, Buffer>();
  const digests = new Map<string, string>();
  let isStalled = false;
  const keep = (content: Buffer) => {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { digest, size: content.length };
  };

  function give(url: string, isHead: boolean, response: ServerResponse): void {
    const [, name, kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
    const digest = digests.get(`${name}:${reference}`) ?? reference;
    const content = url === '/v2/' ? Buffer.from('{}') : blobs.get(digest);
    if (content === undefined) {
      refuse(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
      return;
    }
    response.setHeader('content-type', kind === 'manifests' ? types.manifest : 'application/octet-stream');
    response.setHeader('content-length', content.length);
    response.setHeader('docker-content-digest', digest);
    if (isStalled && kind === 'blobs') response.write(content.subarray(0, content.length / 2));
    else response.end(isHead ? undefined : content);
  }
  function serve({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const isKnown = headers.authorization === `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (isKnown) give(url, method === 'HEAD', response);
    else refuse(response.setHeader('www-authenticate', 'Basic realm="registry"'), 401, 'UNAUTHORIZED', 'log in first');
  }
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    host: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    offer: async (name, tag, archive) => {
      const files = await readFile(archive);
      const rootfs = { type: 'layers', diff_ids: [digestOf(files)] };
      const config = { architecture: 'amd64', os: 'linux', config: { Labels: { tag } }, rootfs };
      const manifest = {
        schemaVersion: 2,
        mediaType: types.manifest,
        config: { mediaType: types.config, ...keep(Buffer.from(JSON.stringify(config))) },
        layers: [{ mediaType: types.layer, ...keep(gzipSync(files)) }],
      };
      const { digest } = keep(Buffer.from(JSON.stringify(manifest)));
      digests.set(`${name}:${tag}`, digest);
      return digest;
    },
    stall: (next) => {
      isStalled = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
