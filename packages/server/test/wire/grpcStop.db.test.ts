import { expect, onTestFinished, test } from 'vitest';
import { openReflectionClient, startTestServer } from '../../testing/index.ts';
import { metricOf } from '../../testing/unread.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';

test('W3: a gRPC call that is under way when the server stops is answered, and no further one is taken', async () => {
  const server = await startTestServer();
  const agent = await openReflectionClient(server.grpcAddress);
  onTestFinished(() => agent.close());
  const held = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = server.db.transaction(async (sql) => {
    await sql.query('LOCK TABLE supervisors IN ACCESS EXCLUSIVE MODE');
    held.resolve();
    await over.promise;
  });
  await held.promise;
  const underWay = agent.call(service, 'list', {});
  await expect.poll(() => metricOf(server, 'muster_operations_running')).toBeGreaterThan(0);
  const stopped = server.stop();
  await expect(agent.call(service, 'list', {})).rejects.toMatchObject({ code: 14 });
  over.resolve();
  await holding;
  expect(await underWay).toMatchObject({ total_count: 0 });
  await stopped;
});
