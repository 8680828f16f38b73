import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleFiles } from '../../testing/consoleFiles.ts';
import { openReflectionClient, type ReflectionClient, startTestServer, useTestServer } from '../../testing/index.ts';

const server = useTestServer();

describe.each(['v1alpha', 'v1'] as const)('reflection %s', (version) => {
  let client: ReflectionClient;
  beforeAll(async () => {
    client = await openReflectionClient(server.grpcAddress, version);
  });
  afterAll(() => client.close());

  test('lists the three services that an existing agent can describe, and no other', () => {
    expect(client.services).toEqual([
      'spaceone.api.plugin.v1.Supervisor',
      'spaceone.api.plugin.v1.Plugin',
      'grpc.health.v1.Health',
    ]);
  });

  test("takes a question and answers it with the standard's field numbers, to the byte", async () => {
    const question = Buffer.from([0x3a, 0]);
    const names = client.services.map((name) => field(1, field(1, Buffer.from(name))));
    const expected = Buffer.concat([field(2, question), field(6, Buffer.concat(names))]);
    expect(await sendBytes(question)).toEqual(expected);
  });

  test('describes every message with the numbers of the reference', () => {
    expect(numbersOf('PublishSupervisorRequest')).toMatchObject({
      name: 1,
      hostname: 2,
      secret_key: 3,
      plugin_info: 4,
      is_public: 5,
      labels: 6,
      tags: 7,
      domain_id: 21,
    });
    expect(numbersOf('RegisterSupervisorRequest')).toMatchObject({
      supervisor_id: 1,
      name: 2,
      is_public: 3,
      priority: 4,
      labels: 5,
      tags: 6,
      domain_id: 21,
    });
    expect(numbersOf('SupervisorRequest')).toMatchObject({ supervisor_id: 1, domain_id: 21 });
    expect(numbersOf('RecoverPluginRequest')).toEqual({ supervisor_id: 1, version: 2, domain_id: 21, plugin_id: 22 });
    expect(numbersOf('SupervisorInfo')).toMatchObject({
      supervisor_id: 1,
      name: 2,
      hostname: 3,
      state: 4,
      is_public: 5,
      labels: 6,
      tags: 7,
      domain_id: 21,
      created_at: 31,
      updated_at: 32,
    });
    expect(numbersOf('SupervisorQuery')).toMatchObject({
      query: 1,
      supervisor_id: 2,
      name: 3,
      is_public: 4,
      domain_id: 21,
    });
    expect(numbersOf('SupervisorStatQuery')).toEqual({ query: 1, domain_id: 2 });
    expect(numbersOf('PluginQuery')).toMatchObject({
      query: 1,
      supervisor_id: 2,
      hostname: 3,
      plugin_id: 4,
      version: 5,
      state: 6,
      endpoint: 7,
      domain_id: 21,
    });
    expect(numbersOf('PluginInfo')).toMatchObject({
      plugin_id: 1,
      version: 2,
      state: 3,
      endpoint: 4,
      managed: 7,
      endpoints: 8,
      domain_id: 21,
      supervisor_id: 22,
      supervisor_name: 23,
    });
    expect(numbersOf('PluginEndpointRequest')).toEqual({
      plugin_id: 1,
      version: 2,
      upgrade_mode: 3,
      labels: 4,
      domain_id: 21,
    });
    expect(numbersOf('PluginEndpoint')).toEqual({ endpoint: 1, access_token: 2, updated_version: 3 });
    expect(numbersOf('PluginFailureRequest')).toEqual({
      supervisor_id: 1,
      version: 2,
      domain_id: 21,
      plugin_id: 22,
    });
    expect(numbersOf('PluginMetadataRequest')).toEqual({
      plugin_id: 1,
      version: 2,
      upgrade_mode: 3,
      options: 4,
      domain_id: 21,
    });
    for (const list of ['SupervisorsInfo', 'PluginsInfo'])
      expect(numbersOf(list)).toEqual({ results: 1, total_count: 2 });
  });

  test('answers for a file, a service, a method, a message, a field, an enum and its value', async () => {
    const file = 'spaceone/api/plugin/v1/supervisor.proto';
    const expected = await client.ask({ file_by_filename: file });
    expect(expected.file_descriptor_response?.file_descriptor_proto).toHaveLength(version === 'v1' ? 4 : 1);
    const names = [
      'Supervisor',
      'Supervisor.publish',
      'PluginInfo',
      'PluginInfo.endpoint',
      'PluginInfo.State',
      'PluginInfo.ACTIVE',
    ];
    for (const name of names) {
      const { file_descriptor_response } = await client.ask({
        file_containing_symbol: `spaceone.api.plugin.v1.${name}`,
      });
      expect(file_descriptor_response).toEqual(expected.file_descriptor_response);
    }
  });

  test('knows the files that others import, by the names that they import them by', async () => {
    for (const name of [
      'google/protobuf/struct.proto',
      'google/protobuf/empty.proto',
      'spaceone/api/core/v2/query.proto',
    ]) {
      expect((await client.ask({ file_by_filename: name })).error_response).toBeUndefined();
    }
  });

  test('answers a question about a file that imports none with that file alone', async () => {
    const { file_descriptor_response } = await client.ask({ file_by_filename: 'google/protobuf/empty.proto' });
    expect(file_descriptor_response?.file_descriptor_proto).toHaveLength(1);
  });

  test('says NOT_FOUND of names that it does not know, and repeats the question', async () => {
    const questions = [
      { file_by_filename: 'nothing.proto' },
      { file_containing_symbol: 'spaceone.api.plugin.v1.Nothing' },
      { all_extension_numbers_of_type: 'spaceone.api.plugin.v1.Nothing' },
      { file_containing_extension: { containing_type: 'spaceone.api.plugin.v1.PluginInfo', extension_number: 100 } },
    ];
    for (const question of questions) {
      const answer = await client.ask(question);
      expect(answer.error_response?.error_code).toBe(5);
      expect(answer.original_request).toEqual(question);
    }
  });

  test('knows that no message has extensions', async () => {
    const type = 'spaceone.api.plugin.v1.PluginInfo';
    expect(await client.ask({ all_extension_numbers_of_type: type })).toMatchObject({
      all_extension_numbers_response: { base_type_name: type },
    });
  });

  test('a field that was not described is never sent', async () => {
    const sent = client.call('spaceone.api.plugin.v1.Supervisor', 'get', { id: 'x' });
    await expect(sent).rejects.toThrow('key "id" is unknown');
  });

  /** A field of bytes: its number with wire type 2, its length, and the bytes. */
  function field(number: number, content: Buffer): Buffer {
    const length = content.length < 0x80 ? [content.length] : [(content.length & 0x7f) | 0x80, content.length >>> 7];
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), content]);
  }

  function sendBytes(bytes: Buffer): Promise<Buffer> {
    const raw = new Client(server.grpcAddress, credentials.createInsecure());
    const same = (buffer: Buffer) => buffer;
    return new Promise<Buffer>((resolve, reject) => {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const stream = raw.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, new Metadata());
      stream.on('data', resolve);
      stream.on('error', reject);
      stream.end(bytes);
    }).finally(() => raw.close());
  }

  /** The fields of a message by number, as reflection describes it. */
  function numbersOf(message: string): Record<string, number> {
    const { fields } = client.message(`spaceone.api.plugin.v1.${message}`);
    return Object.fromEntries(fields.map(({ name, number }) => [name, number]));
  }
});

test('v1alpha answers one file a question, so that a client which keeps copies of the imports can connect; v1 sends it others', async () => {
  const client = await openReflectionClient(server.grpcAddress, 'v1alpha', consoleFiles());
  expect(await client.call('spaceone.api.plugin.v1.Supervisor', 'list', { domain_id: 'nobody' })).toEqual({
    results: [],
    total_count: 0,
  });
  client.close();
  await expect(openReflectionClient(server.grpcAddress, 'v1', consoleFiles())).rejects.toThrow(
    'google/protobuf/empty.proto is known, and came with other bytes',
  );
});

describe('health', () => {
  const name = 'grpc.health.v1.Health';
  let client: ReflectionClient;
  beforeAll(async () => {
    client = await openReflectionClient(server.grpcAddress);
  });
  afterAll(() => client.close());

  test('is SERVING while the database answers, of the server and of each service', async () => {
    for (const service of ['', ...client.services]) {
      expect(await client.call(name, 'Check', { service })).toEqual({ status: 'SERVING' });
    }
  });

  test('is NOT_FOUND of another service; a watcher gets SERVICE_UNKNOWN', async () => {
    await expect(client.call(name, 'Check', { service: 'x' })).rejects.toMatchObject({ code: 5 });
    expect(await client.watch(name, 'Watch', { service: 'x' }, 1)).toEqual([{ status: 'SERVICE_UNKNOWN' }]);
  });

  test('a watcher gets the present status, and NOT_SERVING once the server stops', async () => {
    const own = await startTestServer();
    const watching = await openReflectionClient(own.grpcAddress);
    const first = Promise.withResolvers<unknown>();
    const both = watching.watch(name, 'Watch', {}, 2, first.resolve);
    expect(await first.promise).toEqual({ status: 'SERVING' });
    await own.stop();
    expect(await both).toEqual([{ status: 'SERVING' }, { status: 'NOT_SERVING' }]);
    watching.close();
  });
});
