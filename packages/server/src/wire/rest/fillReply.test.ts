import { expect, test } from 'vitest';
import { loadProtocol } from '../proto/protocol.ts';
import { fillReply } from './fillReply.ts';

const protocol = loadProtocol();
const plugins = protocol.message('spaceone.api.plugin.v1.PluginsInfo');

test('a reply has every field of its message, in lists too, with the zero values of protobuf', () => {
  const { results, ...others } = fillReply(plugins, { results: [{ plugin_id: 'a', endpoints: ['x'] }] });
  expect(others).toEqual({ total_count: 0 });
  expect(results).toEqual([
    expect.objectContaining({
      plugin_id: 'a',
      endpoints: ['x'],
      state: 'NONE',
      managed: false,
      generation: 0,
      reason: '',
    }),
  ]);
  const supervisor = fillReply(protocol.message('spaceone.api.plugin.v1.SupervisorInfo'), { labels: { a: { b: 1 } } });
  expect(supervisor).toMatchObject({ labels: { a: { b: 1 } }, tags: {}, rejected: [] });
});

test('what is no message of ours is what it is', () => {
  const statistics = { results: [{ a: 1 }] };
  expect(fillReply(protocol.message('google.protobuf.Struct'), statistics)).toBe(statistics);
  expect(fillReply(protocol.message('google.protobuf.Empty'), {})).toEqual({});
});
