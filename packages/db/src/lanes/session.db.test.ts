import { Client } from 'pg';
import { expect, test } from 'vitest';
import { openSilentProxy } from '../../testing/silentProxy.ts';
import { administrationUrl, testDatabaseKind } from '../../testing/testDatabase.ts';
import { openSession } from './session.ts';
import { timeouts } from './timeouts.ts';

test.runIf(testDatabaseKind() === 'postgresql')(
  'W1: a connection that goes silent before it was lent for the first time is given up in time',
  async () => {
    const server = new URL(administrationUrl);
    const proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
    const proxied = new URL(administrationUrl);
    proxied.host = `127.0.0.1:${proxy.port}`;
    const client = new Client({ connectionString: proxied.href });
    // The proxy ends it in the end.
    client.on('error', () => {});
    try {
      await client.connect();
      proxy.silence();
      await expect(openSession(client, { ...timeouts(1_000), answerMs: 50 }, 'public')).rejects.toThrow(
        'Query read timeout',
      );
    } finally {
      await proxy.refuse();
    }
  },
);
