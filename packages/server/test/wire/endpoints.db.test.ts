import { fromJson, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  createAgent,
  type Fleet,
  fleetOf,
  graphql,
  openReflectionClient,
  type ReflectionClient,
  useTestServer,
} from '../../testing/index.ts';

const supervisors = 'spaceone.api.plugin.v1.Supervisor';
const plugins = 'spaceone.api.plugin.v1.Plugin';

const server = useTestServer();
let grpc: ReflectionClient;
let domain_id: string;
let domains = 0;
let fleet: Fleet;

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
});
afterAll(async () => {
  grpc.close();
});
beforeEach(() => {
  domains += 1;
  domain_id = `endpoints-${domains}`;
  fleet = fleetOf(server.url, domain_id);
});

const ask = (request: object, waitMs = 60_000) =>
  grpc.call(
    plugins,
    'get_plugin_endpoint',
    { plugin_id: 'collector', domain_id, ...request },
    {
      deadline: Date.now() + waitMs,
    },
  );
const refused = (answer: Promise<unknown>): Promise<ServiceError> =>
  answer.then(
    (value) => Promise.reject(new Error(`expected a refusal; got ${JSON.stringify(value)}`)),
    (error: ServiceError) => error,
  );
const registered = async () => {
  const agent = createAgent({ client: grpc, domainId: domain_id, hostname: 'a' });
  await agent.tick();
  const [found] = (await grpc.call(supervisors, 'list', { domain_id })).results as { supervisor_id: string }[];
  await grpc.call(supervisors, 'register', { domain_id, supervisor_id: found?.supervisor_id });
  return agent;
};
const installed = async () =>
  (await grpc.call(supervisors, 'list_plugins', { domain_id, plugin_id: 'collector' })).results as {
    version: string;
    state: string;
    managed: boolean;
  }[];

describe('get_plugin_endpoint', () => {
  test('M4: installs what is nowhere, and waits within the call until it is ACTIVE', async () => {
    const agent = await registered();
    const waiting = ask({ version: '1.0' });
    await expect.poll(installed).toMatchObject([{ version: '1.0', state: 'PROVISIONING', managed: true }]);
    await agent.tick();
    expect(await waiting).toEqual({
      endpoint: agent.running.get('collector 1.0'),
      access_token: '',
      updated_version: '',
    });
  });

  test('answers shortly before its caller’s deadline, with the state that the plugin has reached', async () => {
    await registered();
    const { code, details } = await refused(ask({ version: '1.0' }, 2_000));
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).toMatch(
      /^ERROR_UNAVAILABLE: expected collector 1.0 to be ACTIVE within [\d.]+ s; it is PROVISIONING/,
    );
  });

  test('ends with its client', async () => {
    await registered();
    const streams = () => server.load().streams;
    const before = streams();
    const client = new Client(server.grpcAddress, credentials.createInsecure());
    onTestFinished(() => client.close());
    const message = grpc.message('spaceone.api.plugin.v1.PluginEndpointRequest');
    const bytes = toBinary(message, fromJson(message, { plugin_id: 'collector', version: '1.0', domain_id }));
    const same = (buffer: Buffer) => buffer;
    const path = `/${plugins}/get_plugin_endpoint`;
    const call = client.makeUnaryRequest(path, same, same, Buffer.from(bytes), new Metadata(), () => {});
    await expect.poll(installed).toHaveLength(1);
    await expect.poll(streams).toBe(before + 1);
    call.cancel();
    await expect.poll(streams).toBe(before);
  });

  test('with MANUAL needs a version: without one it is ERROR_REQUIRED_PARAMETER', async () => {
    expect(await refused(ask({}))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'ERROR_REQUIRED_PARAMETER: version: expected a version, unless upgrade_mode is AUTO; got none',
    });
  });

  test('with AUTO takes the newest that is ACTIVE, and always says which version answers', async () => {
    await registered();
    for (const version of [{}, { version: '0.9' }, { version: '1.0' }]) {
      await fleet.report('a', 'ACTIVE', { version: '1.0', endpoint: 'grpc://a:1' });
      expect(await ask({ ...version, upgrade_mode: 'AUTO' })).toMatchObject({
        endpoint: 'grpc://a:1',
        updated_version: '1.0',
      });
    }
  });

  test('with AUTO and nothing ACTIVE installs the newest version that the domain has, and says which', async () => {
    const agent = await registered();
    expect(await refused(ask({ upgrade_mode: 'AUTO' }))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringMatching(/^ERROR_NO_POSSIBLE_SUPERVISOR: .*no version of it is known to install$/),
    });
    const waiting = ask({ version: '1.10', upgrade_mode: 'AUTO' });
    await expect.poll(installed).toMatchObject([{ version: '1.10' }]);
    const another = ask({ upgrade_mode: 'AUTO' });
    const older = ask({ version: '1.9', upgrade_mode: 'AUTO' });
    await agent.tick();
    for (const answer of await Promise.all([waiting, another, older])) {
      expect(answer).toMatchObject({ updated_version: '1.10', endpoint: agent.running.get('collector 1.10') });
    }
  });

  test('C1: with AUTO and nothing ACTIVE installs the newest release, whatever is asked for; a retired one is refused', async () => {
    const agent = await registered();
    const publish = async (version: string) => {
      const input = `{domainId: "${domain_id}", pluginId: "collector", version: "${version}", spec: {}}`;
      const reply = await graphql<{ publishRelease: { release: { id: string } } }>(
        server.url,
        `mutation { publishRelease(input: ${input}) { release { id } } }`,
      );
      return reply.data?.publishRelease.release.id;
    };
    for (const version of ['1.9', '1.10']) await publish(version);
    const retired = await publish('2.0');
    await graphql(server.url, `mutation { retireRelease(input: {releaseId: "${retired}"}) { release { id } } }`);
    expect(await refused(ask({ version: '2.0' }))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringMatching(/^ERROR_PLUGIN_STATE: .*the release of 2.0, release-[0-9a-f]{12}, is retired$/),
    });
    const waiting = ask({ version: '3.0', upgrade_mode: 'AUTO' });
    await expect.poll(installed).toMatchObject([{ version: '1.10' }]);
    await agent.tick();
    expect(await waiting).toMatchObject({ updated_version: '1.10', endpoint: agent.running.get('collector 1.10') });
  });

  test('that no supervisor can serve says so at once', async () => {
    await registered();
    expect(await refused(ask({ version: '1.0', labels: { zone: 'b' } }))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringMatching(/^ERROR_NO_POSSIBLE_SUPERVISOR: .*of 1 considered none can$/),
    });
  });
});
