import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createKeySet } from './keySet.ts';

test('W12: a failure to fetch keys counts for 30 s, in which nothing is fetched', async () => {
  const pair = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'first', alg: 'RS256' }];
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(pair.privateKey);
  const answers = [
    { status: 500, body: '' },
    { status: 200, body: 'no JSON' },
    { status: 200, body: '{"keys": 1}' },
    { status: 200, body: JSON.stringify({ keys }) },
  ];
  let asked = 0;
  const server = createServer((_request, response) => {
    const { status, body } = answers[asked++] ?? { status: 404, body: '' };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    let nowMs = 0;
    const { port } = server.address() as AddressInfo;
    const keySet = createKeySet(new URL(`http://127.0.0.1:${port}/`), () => nowMs);
    const outcome = () =>
      jwtVerify(token, keySet).then(
        () => 'verified',
        () => 'failed',
      );
    for (const expected of ['failed', 'failed', 'failed', 'verified']) {
      const before = asked;
      expect([await outcome(), await outcome(), asked - before]).toEqual([expected, expected, 1]);
      nowMs += 29_999;
      expect([await outcome(), asked - before]).toEqual([expected, 1]);
      nowMs += 1;
    }
  } finally {
    server.close();
  }
});
