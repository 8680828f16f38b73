import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../base/settings.ts';
import { parsePluginReports } from './pluginReport.ts';

const good = { pluginId: 'collector', version: '1.0', state: 'ACTIVE' };
const check = (...reports: unknown[]) => parsePluginReports(reports, defaultLimits);

test('a report becomes a row, with what is left out as null and an instance id of its own', () => {
  const { plugins, rejected } = check(good);
  expect(rejected).toEqual([]);
  expect(plugins).toEqual([
    {
      instanceId: expect.stringMatching(/^instance-[0-9a-f]{16}$/),
      pluginId: 'collector',
      version: '1.0',
      domainId: null,
      state: 'ACTIVE',
      endpoint: null,
      endpoints: [],
      message: null,
      observedGeneration: null,
    },
  ]);
});

const a = 'grpc://a:1';
const b = 'grpc://b:1';

describe('endpoint and endpoints stand for one another', () => {
  test.each([
    [{ endpoint: a }, a, [a]],
    [{ endpoints: [a, b] }, a, [a, b]],
    [{ endpoint: b, endpoints: [a, b] }, b, [a, b]],
    [{ endpoint: '' }, null, []],
    [{ endpoint: '', endpoints: [a] }, a, [a]],
    [{ endpoint: null, endpoints: null }, null, []],
    [{ endpoints: [] }, null, []],
    // So existing agents tell of a container that has no label with its endpoint.
    [{ endpoint: 'Unknown', endpoints: ['Unknown'] }, null, []],
    [{ endpoint: 'Unknown', endpoints: [a] }, a, [a]],
  ])('%j', (given, endpoint, endpoints) => {
    expect(check({ ...good, ...given }).plugins).toMatchObject([{ endpoint, endpoints }]);
  });
});

const form =
  'expected scheme://host:port, of the schemes grpc, grpcs, http, https and tcp, and a port from 1 to 65535, or unix:/path';

describe('P7: a malformed report is rejected alone', () => {
  test.each<[unknown, string]>([
    [null, ': expected object; got null'],
    ['text', ': expected object; got "text"'],
    [{ ...good, pluginId: undefined }, 'pluginId: expected string; got nothing'],
    [{ ...good, version: '' }, 'version: expected 1 to 255 characters; got ""'],
    [
      { ...good, pluginId: 'a\0' },
      'pluginId: expected text without NUL characters or unpaired surrogates; got "a\\u0000"',
    ],
    [{ ...good, state: 'NONE' }, 'state: expected PROVISIONING, ACTIVE, RE_PROVISIONING or ERROR; got "NONE"'],
    [{ ...good, state: 'RUNNING' }, /^state: expected one of .*; got "RUNNING"$/.source],
    [
      { ...good, endpoint: 'x'.repeat(2_049) },
      'endpoint: expected 1 to 2048 characters; got a text of 2049 characters',
    ],
    [{ ...good, endpoint: 'grpc://a' }, `endpoint: ${form}; got "grpc://a"`],
    [{ ...good, endpoint: 'grpc://a\u200b:1' }, /^endpoint: expected no control or invisible characters .*$/.source],
    [{ ...good, endpoint: ' ' }, 'endpoint: expected a text that is not blank; got " "'],
    [{ ...good, endpoints: [a, 'b'] }, `endpoints[1]: ${form}; got "b"`],
    [{ ...good, endpoints: [a, ''] }, 'endpoints[1]: expected 1 to 2048 characters; got ""'],
    [
      { ...good, endpoints: Array.from({ length: 65 }, () => a) },
      'endpoints: expected at most 64 endpoints; got a list of 65',
    ],
    [{ ...good, observedGeneration: -1 }, 'observedGeneration: expected number to be >=0; got -1'],
    [{ ...good, observedGeneration: 5n }, 'observedGeneration: expected number; got 5'],
    [{ ...good, message: 5 }, 'message: expected string; got 5'],
  ])('%o', (report, message) => {
    const other = { ...good, pluginId: 'other' };
    const { plugins, rejected } = check(report, other);
    expect(plugins).toMatchObject([other]);
    expect(rejected).toMatchObject([{ index: 0, code: 'BAD_USER_INPUT' }]);
    if (message.startsWith('^')) expect(rejected[0]?.message).toMatch(new RegExp(message));
    else expect(rejected[0]?.message).toBe(message);
  });

  test('with what it calls itself, as far as that is text, and not at any length', () => {
    const { rejected } = check({ pluginId: 'x'.repeat(10_000), version: 5 });
    expect(rejected).toMatchObject([{ pluginId: 'x'.repeat(255), version: null }]);
  });

  test('a plugin that stands twice counts once, as it stood first', () => {
    const { plugins, rejected } = check(good, { ...good, version: '2.0' }, { ...good, state: 'ERROR' });
    expect(plugins.map(({ version, state }) => [version, state])).toEqual([
      ['1.0', 'ACTIVE'],
      ['2.0', 'ACTIVE'],
    ]);
    expect(rejected).toMatchObject([{ index: 2, message: 'expected each plugin once; got the one at index 0 again' }]);
  });
});

test('a long message is cut between characters, and what can’t be stored in it is taken out', () => {
  const { messageLength } = defaultLimits;
  const messageOf = (message: string) => check({ ...good, message }).plugins[0]?.message;
  expect(messageOf('x'.repeat(messageLength + 1))).toBe('x'.repeat(messageLength));
  expect(messageOf('😀'.repeat(messageLength + 1))).toBe('😀'.repeat(messageLength));
  expect(messageOf('a\0b')).toBe('ab');
  expect(messageOf('a\ud800b')).toBe('a\ufffdb');
  expect(messageOf('')).toBeNull();
});
