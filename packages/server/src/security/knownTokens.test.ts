import { DomainError } from '@muster/core';
import { expect, test } from 'vitest';
import { createAddressRate } from '../limits/addressRate.ts';
import { createAuthentication } from './authentication.ts';
import { clientAddress, trustProxies } from './clientAddress.ts';
import { Connection } from './connection.ts';

const proxies = trustProxies([]);

function clientAt(address: string) {
  const connection = new Connection({
    socket: null,
    address: clientAddress(proxies, address, undefined),
    isProxy: false,

    onSettled: () => {},
  });
  return { connection, forwardedFor: undefined };
}

test('W11: a token that was valid before its address had failures is let in after them, and an unknown one is not', async () => {
  const authentication = createAuthentication({
    access: {
      open: false,
      authenticate: async (token) => {
        if (token?.startsWith('good')) return { subject: token, role: 'VIEWER', domainId: 'a' };
        throw new DomainError('UNAUTHENTICATED', 'expected another');
      },
    },
    proxies,
    failures: createAddressRate({ burst: 3, perSecond: 1 }, () => 0),
    anonymous: createAddressRate({ burst: 3, perSecond: 1 }, () => 0),
    bindsByCertificate: false,
    onRefused: () => {},
  });
  const attempt = async (token: string) => authentication.authenticate(clientAt('192.0.2.1'), token);

  await attempt('good');
  for (let failures = 0; failures < 3; failures++) {
    await expect(attempt(`wrong ${failures}`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  await expect(attempt('wrong')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(await attempt('good')).toMatchObject({ subject: 'good' });
  await expect(attempt('good, but new')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});
