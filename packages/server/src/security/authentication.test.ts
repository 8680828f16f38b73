import { DomainError, type Viewer } from '@muster/core';
import { describe, expect, test } from 'vitest';
import { createAddressRate } from '../limits/addressRate.ts';
import { type Authentication, type AuthenticationOptions, createAuthentication } from './authentication.ts';
import { trustProxies } from './clientAddress.ts';
import { Connection } from './connection.ts';

const viewer: Viewer = { subject: 'key-1', role: 'VIEWER', domainId: 'a' };
const agent: Viewer = { subject: 'key-2', role: 'SUPERVISOR', domainId: 'a' };

/** An authentication over an access that knows two tokens, and counts how often it is asked for one. */
function setUp(options: Partial<AuthenticationOptions> = {}) {
  let nowMs = 0;
  const looked: (string | null)[] = [];
  const refused: [address: string, code: string][] = [];
  const authentication = createAuthentication({
    access: {
      open: false,
      authenticate: async (token) => {
        looked.push(token);
        if (token === 'unavailable') throw new DomainError('UNAVAILABLE', 'no public keys');
        if (token === 'good') return viewer;
        if (token === 'agent') return agent;
        if (token === 'bound') return { ...agent, boundHostname: 'edge-1' };
        throw new DomainError('UNAUTHENTICATED', 'expected another');
      },
    },
    proxies: trustProxies([]),
    failures: createAddressRate({ burst: 20, perSecond: 20 / 60 }, () => nowMs),
    anonymous: createAddressRate({ burst: 4, perSecond: 2 }, () => nowMs),
    bindsByCertificate: false,
    onRefused: ({ text }, { code }) => void refused.push([text, code]),
    ...options,
  });
  return {
    authentication,
    looked,
    refused,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function clientAt(address: string, forwardedFor?: string, certificateName: string | null = null) {
  const settled: true[] = [];
  const connection = new Connection({
    socket: null,
    address: { text: address, key: address },
    isProxy: forwardedFor !== undefined,

    onSettled: () => void settled.push(true),
  });
  connection.certificateName = certificateName;
  return { client: { connection, forwardedFor }, settled };
}

/** Shows a token. Resolves with the viewer's subject, or the code of the refusal. */
async function attempt(authentication: Authentication, address: string, token: string | null): Promise<string> {
  try {
    return (await authentication.authenticate(clientAt(address).client, token)).subject;
  } catch (error) {
    return error instanceof DomainError ? error.code : 'another error';
  }
}

async function attempts(count: number, authentication: Authentication, address: string, token: string) {
  const codes: string[] = [];
  for (let i = 0; i < count; i++) codes.push(await attempt(authentication, address, token));
  return codes;
}

describe('W11: credentials that fail', () => {
  test('are looked up 20 times a minute for an address, and then refused without a look-up; other addresses go on', async () => {
    const { authentication, looked, refused, pass } = setUp();
    expect(await attempts(20, authentication, '192.0.2.1', 'wrong')).toEqual(Array(20).fill('UNAUTHENTICATED'));
    expect(await attempts(30, authentication, '192.0.2.1', 'wrong')).toEqual(Array(30).fill('RATE_LIMITED'));
    expect(looked).toHaveLength(20);
    expect(await attempt(authentication, '192.0.2.2', 'good')).toBe('key-1');
    expect(await attempt(authentication, '192.0.2.2', 'wrong')).toBe('UNAUTHENTICATED');
    pass(3_000);
    expect(await attempts(2, authentication, '192.0.2.1', 'wrong')).toEqual(['UNAUTHENTICATED', 'RATE_LIMITED']);
    expect(refused.filter(([address]) => address === '192.0.2.1')).toHaveLength(52);
  });

  test('say when the next one may come', async () => {
    const { authentication } = setUp();
    await attempts(20, authentication, '192.0.2.1', 'wrong');
    await expect(authentication.authenticate(clientAt('192.0.2.1').client, 'wrong')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterMs: 3_000 },
      message: 'expected at most 20 failed credentials a minute from one address',
    });
  });

  test('do not lock out a token that was let in while its address had failures, until that one fails too', async () => {
    const { authentication } = setUp();
    await attempts(19, authentication, '192.0.2.1', 'wrong');
    expect(await attempt(authentication, '192.0.2.1', 'good')).toBe('key-1');
    expect(await attempts(2, authentication, '192.0.2.1', 'wrong')).toEqual(['UNAUTHENTICATED', 'RATE_LIMITED']);
    expect(await attempts(50, authentication, '192.0.2.1', 'good')).toEqual(Array(50).fill('key-1'));
    expect(await attempt(authentication, '192.0.2.1', 'agent')).toBe('RATE_LIMITED');
  });

  test('are looked up 20 times also where 64 come at once', async () => {
    const { authentication, looked } = setUp();
    const codes = await Promise.all(Array.from({ length: 64 }, () => attempt(authentication, '192.0.2.1', 'wrong')));
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(20);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(44);
    expect(looked).toHaveLength(20);
  });

  test('are not those of a fleet whose valid tokens come at once', async () => {
    const { authentication } = setUp();
    const codes = await Promise.all(
      Array.from({ length: 500 }, (_, i) => attempt(authentication, '192.0.2.1', i % 2 ? 'good' : 'agent')),
    );
    expect(codes).toEqual(Array.from({ length: 500 }, (_, i) => (i % 2 ? 'key-1' : 'key-2')));
  });

  test('are none where the server could not look them up, nor where none came', async () => {
    const { authentication } = setUp();
    expect(await attempts(40, authentication, '192.0.2.1', 'unavailable')).toEqual(Array(40).fill('UNAVAILABLE'));
    await attempt(authentication, '192.0.2.1', null);
    expect(await attempts(21, authentication, '192.0.2.1', 'wrong')).toEqual([
      ...Array(20).fill('UNAUTHENTICATED'),
      'RATE_LIMITED',
    ]);
  });

  test('count for the client that a trusted proxy names', async () => {
    const { authentication } = setUp({ proxies: trustProxies([{ address: '10.0.0.0', prefix: 8 }]) });
    const behind = (forwardedFor: string) =>
      authentication.authenticate(clientAt('10.0.0.1', forwardedFor).client, 'x');
    for (let i = 0; i < 20; i++) await expect(behind('192.0.2.1')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(behind('192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(behind('203.0.113.9, 192.0.2.1')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(behind('192.0.2.2')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

test('W11: requests without a credential take from their address’s rate', async () => {
  const { authentication, pass } = setUp();
  const ask = () => attempt(authentication, '192.0.2.1', null);
  expect([await ask(), await ask(), await ask(), await ask(), await ask()]).toEqual([
    ...Array(4).fill('UNAUTHENTICATED'),
    'RATE_LIMITED',
  ]);
  pass(500);
  expect(() => authentication.takeAnonymous(clientAt('192.0.2.1').client)).not.toThrow();
  expect(() => authentication.takeAnonymous(clientAt('192.0.2.1').client)).toThrow('at most 2 requests a second');
});

test('W11: a connection is settled by a credential that is let in, and by no other', async () => {
  const { authentication } = setUp();
  const { client, settled } = clientAt('192.0.2.1');
  for (const token of ['wrong', null]) {
    await expect(authentication.authenticate(client, token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  expect(settled).toEqual([]);
  for (const token of ['good', 'good']) await authentication.authenticate(client, token);
  expect(settled).toEqual([true]);
});

describe('A7: where agents show certificates, an agent', () => {
  const ask = (token: string, certificateName: string | null) => {
    const { authentication } = setUp({ bindsByCertificate: true });
    return authentication.authenticate(clientAt('192.0.2.1', undefined, certificateName).client, token);
  };

  test('is bound to the name in its certificate', async () => {
    expect(await ask('agent', 'edge-1')).toEqual({ ...agent, address: '192.0.2.1', boundHostname: 'edge-1' });
    expect(await ask('bound', 'edge-1')).toMatchObject({ boundHostname: 'edge-1' });
  });

  test('without one is UNAUTHENTICATED, and with one for another host than its credential FORBIDDEN', async () => {
    await expect(ask('agent', null)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(ask('bound', 'edge-2')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('and nobody else is', async () => {
    expect(await ask('good', null)).toEqual(viewer);
    expect(await ask('good', 'edge-1')).toEqual(viewer);
  });
});
