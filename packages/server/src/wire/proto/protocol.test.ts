import type { DescEnum, DescExtension, DescFile, DescMessage, DescService } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
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
    .flatMap(({ name }) => [...nestedTypes(protocol.registry.getFile(name) as DescFile)])
    .flatMap((type) => [type.typeName, ...membersOf(type).map((member) => `${type.typeName}.${member}`)]);
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter((name) => protocol.comment(name) === undefined)).toEqual([]);
});

function membersOf(type: DescMessage | DescEnum | DescExtension | DescService): string[] {
  switch (type.kind) {
    case 'message':
      return type.fields.map(({ name }) => name);
    case 'enum':
      return type.values.map(({ name }) => name);
    case 'service':
      return type.methods.map(({ name }) => name);
    case 'extension':
      return [];
  }
}

test('a comment of several lines is one line, without the marks of a comment', () => {
  expect(protocol.comment('spaceone.api.plugin.v1.Supervisor.list_plugins')).toBe(
    'Lists plugins, by plugin id unless ordered otherwise. An agent that asks by its hostname alone renews its lease, and gets an empty list where no supervisor has the hostname yet.',
  );
});
