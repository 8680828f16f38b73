import { InputError } from '@muster/core';
import { expect, test } from 'vitest';
import { loadProtocol } from '../proto/protocol.ts';
import { toCoreInput, wireNames, withWireNames } from './wireNames.ts';

test("each name is a field's of the protocol", () => {
  const messages = loadProtocol().registry.getFile('spaceone/api/plugin/v1/supervisor.proto')?.messages ?? [];
  const names = new Set(messages.flatMap(({ fields }) => fields.map(({ name }) => name)));
  expect(Object.values(wireNames).filter((name) => !names.has(name))).toEqual([]);
});

test('a field that was left out stays absent, null stays null, and a field that core does not take is dropped', () => {
  const message = { supervisor_id: 'a', name: undefined, labels: null, only: ['name'] };
  expect(toCoreInput(message)).toStrictEqual({ supervisorId: 'a', labels: null });
});

test('a refusal names the field as the wire does, and leaves the path below it as the client wrote it', async () => {
  const refused = withWireNames(Promise.reject(new InputError(['plugins', 3, 'pluginId'], 'expected a text')));
  await expect(refused).rejects.toMatchObject({ at: ['plugin_info', 3, 'pluginId'], problem: 'expected a text' });
});
