import { useTestServer } from '@muster/server/testing';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { readExample } from './page.ts';
import { exampleFile, isThere, runProgram } from './shell.ts';
import { openSite, type Site } from './site.ts';

const openServer = useTestServer();
const server = useTestServer();
let site: Site;
let env: Record<string, string>;
beforeAll(async () => {
  site = await openSite(server.url);
  env = { MUSTER_URL: server.url, MUSTER_TOKEN: site.token, MUSTER_GRPC: server.grpcAddress };
});

/** Runs an example to its end, and returns the JSON that it wrote. */
async function run(file: string): Promise<unknown> {
  const program = runProgram('sh', ['-e', exampleFile(file)], env);
  await program.ended;
  return JSON.parse(program.output());
}

test('curl: a query and a mutation', async () => {
  expect(await run('curl/mutation.sh')).toEqual({
    data: { preregisterSupervisor: { supervisor: { id: expect.any(String), state: 'DISCONNECTED' } } },
  });
  expect(await run('curl/query.sh')).toMatchObject({
    data: { supervisors: { totalCount: 1, nodes: [{ name: 'edge-7' }] } },
  });
});

test('curl -N: a subscription', async () => {
  const live = runProgram('sh', ['-e', exampleFile('curl/live.sh')], env);
  onTestFinished(() => live.stop());
  // The first line is a comment: the subscription has its place.
  await expect.poll(live.output).not.toBe('');
  await site.report('live', 'ACTIVE');
  await expect.poll(live.output).toMatch(/^data: .*"to":"PENDING","supervisor":{"name":"live"}/m);
});

test('README: a mutation, a query, and a subscription that goes on, on a server that runs open', async () => {
  const script = readExample('curl/first.sh').replace('http://127.0.0.1:4000', openServer.url);
  const program = runProgram('sh', ['-ec', script], {});
  onTestFinished(() => program.stop());
  const row = '{"name":"edge-1","state":"PENDING"}';
  const event = (type: string, supervisor: string) =>
    `data: {"data":{"watchSupervisors":{"type":"${type}","supervisor":${supervisor}}}}`;
  await expect
    .poll(() =>
      program
        .output()
        .split('\n')
        .filter((line) => line.includes('data"')),
    )
    .toEqual([
      expect.stringMatching(
        /^{"data":{"publishSupervisor":{"supervisor":{"id":"supervisor-\w{12}","state":"PENDING"}}}}$/,
      ),
      `{"data":{"supervisors":{"totalCount":1,"nodes":[${row}]}}}`,
      event('ADDED', row),
      event('SYNCED', 'null'),
    ]);
});

test('grpcurl: services by reflection, and a call', async () => {
  await site.report('called', 'ACTIVE');
  const program = runProgram('sh', ['-e', exampleFile('grpc/calls.sh')], env);
  await program.ended;
  expect(program.output()).toMatch(/^spaceone\.api\.plugin\.v1\.Supervisor$[\s\S]*"hostname": "called"/m);
});

test.skipIf(!isThere('python3'))('Python: a query', async () => {
  const program = runProgram('python3', [exampleFile('python/muster.py')], env);
  onTestFinished(() => program.stop());
  await expect.poll(program.output).toMatch(/^{"supervisors": {"totalCount": \d+}}\n$/);
});
