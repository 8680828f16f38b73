import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { administrationUrl, testDatabaseKind } from '../testing/testDatabase.ts';
import { createPool } from './pool.ts';

/** The protocol's ErrorResponse that a server which is being stopped ends its sessions with. */
const goodbye = errorResponse({ S: 'FATAL', V: 'FATAL', C: '57P01', M: 'terminating connection' });

function errorResponse(fields: Record<string, string>): Buffer {
  const body = `${Object.entries(fields)
    .map(([name, value]) => `${name}${value}\0`)
    .join('')}\0`;
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

describe.runIf(testDatabaseKind() === 'postgresql')('a pool (PGlite has none)', () => {
  const sockets = new Set<Socket>();
  let proxy: Server;
  let pool: Pool;

  beforeEach(async () => {
    const { hostname, port } = new URL(administrationUrl);
    proxy = createServer((client) => {
      const server = connect({ host: hostname, port: Number(port || 5432) });
      let last = false;
      client.on('data', (data) => {
        last = data.includes('the last');
        server.write(data);
      });
      server.on('data', (data) => client.write(last ? Buffer.concat([data, goodbye]) : data));
      for (const socket of [client, server]) {
        socket.on('error', () => {});
        sockets.add(socket);
      }
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = new URL(administrationUrl);
    url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    pool = createPool({ connectionString: url.href, max: 1 }, () => {});
  });
  afterEach(async () => {
    await pool.end();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });

  test('survives a goodbye in the same packet as the last answer, while the connection is lent on', async () => {
    const answered = pool.query(`SELECT 'the last' AS answer`);
    const lent = pool.connect();
    expect((await answered).rows).toEqual([{ answer: 'the last' }]);
    const client = await lent;
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});
