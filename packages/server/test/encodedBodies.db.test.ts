import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { useTestServer } from '../testing/index.ts';

const maxBytes = 100_000;
const server = useTestServer({ env: { MUSTER_MAX_BODY_BYTES: String(maxBytes) } });

const publish = { domain_id: 'encoded', name: 'agent', hostname: 'host' };
const viewer = JSON.stringify({ query: '{ viewer { role } }' });

/** Each interface that takes bodies: a body that it answers with 200, and where that goes. */
const fronts: Record<string, { path: string; body: string }> = {
  GraphQL: { path: '/graphql', body: viewer },
  REST: { path: '/plugin/v1/supervisors', body: JSON.stringify(publish) },
};

const codings: Record<string, (body: Buffer) => Buffer> = {
  gzip: (body) => gzipSync(body),
  'x-gzip': (body) => gzipSync(body),
  GZIP: (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  br: (body) => brotliCompressSync(body),
  identity: (body) => body,
};

/** A deflated text of no bytes: any number of blocks, each of nothing. */
const emptyBlocks = (blocks: number) =>
  Buffer.concat([Buffer.from([0x78, 0x9c]), ...Array(blocks).fill(Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]))]);

async function send(front: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const { path } = fronts[front] ?? {};
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const sendEncoded = (front: string, coding: string, body: Buffer) =>
  send(front, new Uint8Array(body), { 'content-encoding': coding });

describe.each(Object.keys(fronts))('%s takes encoded bodies', (front) => {
  const body = Buffer.from(fronts[front]?.body ?? '');

  test.each(Object.entries(codings))('in %s', async (coding, encode) => {
    const { status, text } = await sendEncoded(front, coding, encode(body));
    expect(text).not.toContain('error');
    expect(status).toBe(200);
  });

  test.each(['compress', 'gzip, br', 'zip'])(
    'but none in %s, which is 415 and says which are taken',
    async (coding) => {
      const { status, text, headers } = await sendEncoded(front, coding, body);
      expect(status).toBe(415);
      expect(headers.get('accept-encoding')).toBe('gzip, deflate, br');
      expect(JSON.parse(text)).toMatchObject(
        front === 'REST'
          ? { error: { code: 'BAD_USER_INPUT' } }
          : { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
      );
      expect(text).toContain('expected the content encoding gzip, deflate, br or none; got ');
    },
  );

  test.each(['gzip', 'deflate', 'br'])('and refuses what is none in %s, and a part of one', async (coding) => {
    const encoded = codings[coding]?.(body) ?? body;
    for (const came of [body, encoded.subarray(0, encoded.length - 5)]) {
      const { status, text } = await sendEncoded(front, coding, came);
      expect(status).toBe(400);
      expect(text).toContain(`expected a body in the content encoding ${coding}; got other bytes`);
    }
  });

  test.each(['gzip', 'deflate', 'br'])('and counts the decoded bytes in %s', async (coding) => {
    const padded = (length: number) => Buffer.concat([body, Buffer.alloc(length - body.length, ' ')]);
    expect((await sendEncoded(front, coding, codings[coding]?.(padded(maxBytes)) ?? body)).status).toBe(200);
    const { status, text } = await sendEncoded(front, coding, codings[coding]?.(padded(maxBytes + 1)) ?? body);
    expect(status).toBe(413);
    expect(text).toContain(`expected a body of at most ${maxBytes} bytes`);
  });

  test('and stops at the first byte too many of a bomb, and of one that decodes to nothing', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(200_000_000));
    expect(bomb.length).toBeLessThan(1_000);
    expect((await sendEncoded(front, 'br', bomb)).status).toBe(413);
    expect((await sendEncoded(front, 'deflate', emptyBlocks(maxBytes))).status).toBe(413);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^muster_unfinished_body_bytes 0$/m);
  });

  test('and skips a byte order mark', async () => {
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
    expect((await send(front, new Uint8Array(marked))).status).toBe(200);
    expect((await sendEncoded(front, 'gzip', gzipSync(marked))).status).toBe(200);
  });

  test('and refuses bytes that are no UTF-8, in place of which other letters would stand', async () => {
    const { status, text } = await send(front, new Uint8Array(Buffer.from(`${body}`.replace('e', '\xe4'), 'latin1')));
    expect(status).toBe(400);
    expect(text).toContain('UTF-8');
  });
});
