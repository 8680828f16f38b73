import { expect, test } from 'vitest';
import { loadProtocol } from './protocol.ts';

const protocol = loadProtocol();

test('a file comes after those that it imports', () => {
  const names = protocol.files.map(({ name }) => name);
  for (const { name, dependency } of protocol.files) {
    for (const imported of dependency) expect(names.indexOf(imported)).toBeLessThan(names.indexOf(name));
    for (const imported of dependency) expect(names).toContain(imported);
  }
});

test('a field has its JSON name, its type and its oneof as protoc gives them', () => {
  const [query] = protocol.message('spaceone.api.core.v2.Filter').proto.field.filter(({ name }) => name === 'v');
  expect(query).toMatchObject({ jsonName: 'v', number: 4, oneofIndex: 1, typeName: '.google.protobuf.Value' });
  const state = protocol.message('spaceone.api.plugin.v1.PluginInfo').field.state;
  expect(state?.proto).toMatchObject({ number: 3, typeName: '.spaceone.api.plugin.v1.PluginInfo.State' });
  const total = protocol.message('spaceone.api.plugin.v1.PluginsInfo').field.totalCount;
  expect(total?.proto.jsonName).toBe('totalCount');
});

test('every message, field, enum, value, service and method of ours has a comment', () => {
  const names = protocol.files
    .filter(({ name }) => !name.startsWith('google/'))
    .flatMap(({ name }) => [...(protocol.registry.getFile(name)?.messages ?? [])])
    .flatMap((message) => [message.typeName, ...message.fields.map(({ name }) => `${message.typeName}.${name}`)]);
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => protocol.comment(name) === undefined)).toEqual([]);
});
