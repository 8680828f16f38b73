import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi();
const domainId = 'acme';
const pluginId = 'plugin-aws-ec2-inven-collector';
const operator = { subject: 'ada', role: 'OPERATOR', domainId } as const;

/** The examples of docs/catalogue.md, by the names of their operations. */
const examples = Object.fromEntries(
  [
    ...readFileSync(`${import.meta.dirname}/../../../docs/catalogue.md`, 'utf8').matchAll(
      /```graphql\n((?:query|mutation) (\w+).*?)```/gs,
    ),
  ].map(([, text = '', name = '']) => [name, text]),
);
const example = (name: string) => examples[name] ?? '';

beforeAll(async () => {
  const publish = `mutation { publishSupervisor(input: {domainId: "acme", name: "a", hostname: "edge-1"}) { supervisor { id } } }`;
  const { publishSupervisor } = await api.ask<{ publishSupervisor: { supervisor: { id: string } } }>(publish);
  const { id } = publishSupervisor.supervisor;
  await api.ask(`mutation { registerSupervisor(input: {supervisorId: "${id}"}) { supervisor { id } } }`);
});

const install = () =>
  api.ask(
    `mutation { installPlugin(input: {domainId: "acme", pluginId: "${pluginId}", version: "1.3.0"}) { changed } }`,
  );

test('C1: the examples of docs/catalogue.md publish a release, list it, assign it, and retire it', async () => {
  const { publishRelease } = await api.ask<{ publishRelease: { release: { id: string } } }>(example('Publish'));
  const { release } = publishRelease;
  expect(release).toEqual({
    id: expect.stringMatching(/^release-/),
    version: '1.3.0',
    spec: { health: { kind: 'GRPC', port: 'grpc', intervalSeconds: 5 }, stopTimeoutSeconds: 10 },
  });
  const image = 'registry.example.com/plugins/aws-ec2-inven-collector:1.3.0';
  const node = { id: release.id, domainId, pluginId, version: '1.3.0', retiredAt: null, spec: { image } };
  expect(await api.ask(example('Releases'))).toEqual({ releases: { totalCount: 1, nodes: [node] } });
  expect(await install()).toEqual({ installPlugin: { changed: true } });
  expect(await api.ask(example('Assignments'))).toEqual({
    assignments: [
      {
        pluginId,
        version: '1.3.0',
        generation: 1,
        spec: {
          image,
          command: null,
          arguments: ['--log-format', 'json'],
          environment: [
            { name: 'AWS_ACCESS_KEY', value: null, secret: 'aws-access-key' },
            { name: 'AWS_REGION', value: 'eu-central-1', secret: null },
          ],
          ports: [{ name: 'grpc', port: 50_051, scheme: 'grpc' }],
          stopTimeoutSeconds: 10,
        },
      },
    ],
  });
  const retire = example('Retire').replace('release-0123456789ab', release.id);
  const retired = { id: release.id, retiredAt: expect.any(String), retiredBy: operator.subject };
  expect(await api.ask(retire, {}, operator)).toEqual({ retireRelease: { release: retired } });
  expect(await api.ask(example('Releases'))).toEqual({ releases: { totalCount: 0, nodes: [] } });
  expect(await install()).toEqual({ installPlugin: { changed: false } });
  const { events } = await api.ask<{ events: unknown }>(
    '{ events(filter: {kind: {in: [RELEASE_PUBLISHED, RELEASE_RETIRED]}}) { nodes { kind domainId releaseId supervisorId } } }',
    {},
    operator,
  );
  const event = { domainId, releaseId: release.id, supervisorId: null };
  expect(events).toEqual({
    nodes: [
      { ...event, kind: 'RELEASE_PUBLISHED' },
      { ...event, kind: 'RELEASE_RETIRED' },
    ],
  });
});

test('C1: what is refused of a spec has its path in the input, and another spec of what is published is PLUGIN_STATE', async () => {
  const publish = `mutation ($spec: ReleaseSpecInput!) {
    publishRelease(input: {pluginId: "other", version: "1", spec: $spec}) { release { id } }
  }`;
  const health = { kind: 'HTTP', port: 'b' };
  const spec = { ports: [{ name: 'a', port: 1 }], health };
  expect(await api.refusal(publish, { spec }, operator)).toEqual({
    code: 'BAD_USER_INPUT',
    path: ['input', 'spec', 'health', 'port'],
  });
  await api.ask(publish, { spec: { ...spec, health: null } }, operator);
  expect(await api.refusal(publish, { spec: { ...spec, health: { kind: 'TCP' } } }, operator)).toEqual({
    code: 'PLUGIN_STATE',
  });
});
