import { startProxy, useTestServer } from '@muster/server/testing';
import { describe, expect, it } from 'vitest';
import {
  createClient,
  followSubscription,
  PingDocument,
  RegisterSupervisorDocument,
  ReportDocument,
  type RequestError,
  WatchPluginsDocument,
} from '../src/index.ts';

describe('the client against a server', () => {
  const server = useTestServer();

  it('queries and mutates, and throws by the code of the error', async () => {
    const client = createClient({ url: server.url });
    expect(await client.query(PingDocument, {})).toMatchObject({ supervisors: { nodes: [] } });
    const input = { supervisorId: 'supervisor-000000000000', domainId: 'acme' };
    const refused = client.mutate(RegisterSupervisorDocument, { input });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND', isTransient: false });
  });

  it('E3: a subscription goes on over a lost connection, and no change is lost or comes twice', async () => {
    const proxy = await startProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
    const direct = createClient({ url: server.url });
    const stopping = new AbortController();
    const errors: RequestError[] = [];
    const changes = followSubscription({
      client: createClient({ url: server.url.replace(/:\d+/, `:${proxy.port}`) }),
      document: WatchPluginsDocument,
      variables: (after) => ({ domainId: 'acme', after: after ?? null }),
      cursorOf: ({ watchPlugins }) => watchPlugins.cursor,
      onError: (error) => errors.push(error),
      signal: stopping.signal,
      random: () => 0,
    });
    const report = async (version: string) => {
      const plugins = [{ pluginId: 'collector', version, state: 'ACTIVE' as const }];
      await direct.mutate(ReportDocument, { input: { domainId: 'acme', name: 'a', hostname: 'a', plugins } });
    };
    const next = async () => {
      const { value } = await changes.next();
      return value ? [value.watchPlugins.type, value.watchPlugins.plugin?.version] : undefined;
    };
    expect(await next()).toEqual(['SYNCED', undefined]);
    await report('1');
    expect(await next()).toEqual(['ADDED', '1']);
    const missed = next();
    proxy.cut();
    await report('2');
    proxy.restore();
    expect(await missed).toEqual(['ADDED', '2']);
    expect(errors[0]).toMatchObject({ code: 'UNREACHABLE' });
    stopping.abort();
    await changes.return();
    await proxy.close();
  });
});
