import { describe, expect, test } from 'vitest';
import type { DomainError } from '../base/errors.ts';
import { defaultLimits } from '../base/settings.ts';
import { parse } from '../base/validate.ts';
import type { ReleaseSpec } from './releaseSpec.ts';
import { specSchema } from './specSchema.ts';

const read = (spec: unknown): ReleaseSpec => parse(specSchema(defaultLimits), spec, ['spec']);

function refusal(spec: unknown): { path: unknown; message: string } {
  try {
    read(spec);
  } catch (error) {
    const { details, message } = error as DomainError;
    return { path: (details.path as unknown[]).slice(1).join('.'), message };
  }
  throw new Error('expected a refusal');
}

const port = { name: 'grpc', port: 50_051 };
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('C1: a spec in its canonical form', () => {
  test('has all defaults filled in', () => {
    expect(read({})).toEqual({
      image: null,
      command: null,
      arguments: [],
      environment: [],
      ports: [],
      health: { kind: 'NONE', port: null, path: null, service: null, intervalSeconds: 5 },
      resources: { memoryMib: null, cpuMillis: null },
      stopTimeoutSeconds: 10,
    });
  });

  test('is the same whatever the order of keys and of variables, and whether defaults are said', () => {
    const short = {
      image: 'a:1',
      environment: [
        { name: 'B', value: '' },
        { name: 'A', secret: 's' },
      ],
      ports: [port],
    };
    const long = {
      stopTimeoutSeconds: 10,
      resources: { cpuMillis: null },
      health: { intervalSeconds: 5, port: 'grpc', kind: 'GRPC' },
      ports: [{ scheme: 'grpc', ...port }],
      environment: [
        { name: 'A', secret: 's', value: null },
        { value: '', name: 'B' },
      ],
      command: [],
      arguments: null,
      image: 'a:1',
    };
    expect(JSON.stringify(read(long))).toBe(JSON.stringify(read(short)));
  });

  test('keeps the order of arguments and of ports, of which the first one is checked', () => {
    const ports = [
      { name: 'web', port: 80, scheme: 'http' },
      { name: 'api', port: 81, scheme: 'grpcs' },
    ];
    const spec = read({ ports, arguments: ['b', 'a'] });
    expect(spec.arguments).toEqual(['b', 'a']);
    expect(spec.ports.map(({ name }) => name)).toEqual(['web', 'api']);
    expect(spec.health).toMatchObject({ kind: 'TCP', port: 'web' });
    expect(read({ ports, health: { port: 'api' } }).health).toMatchObject({ kind: 'GRPC', port: 'api' });
    expect(read({ ports, health: { kind: 'HTTP' } }).health).toMatchObject({ kind: 'HTTP', port: 'web', path: '/' });
  });
});

test.each([
  'a:1',
  'a_b__c--d.e:latest',
  'library/redis:7.2',
  'localhost/a:1',
  'localhost:5000/a/b/c:v1.2.3-rc.1_x',
  'Registry.Example.com:443/team/collector:1.2.0',
  `a@${digest}`,
  `registry.example.com/a:1@${digest}`,
  `a@sha512:${'0'.repeat(128)}`,
])('C1: %j is an image with a tag or a digest', (image) => {
  expect(read({ image }).image).toBe(image);
});

test.each([
  '',
  ' ',
  'a',
  'registry.example.com/a',
  'localhost:5000/a',
  'A:1',
  'a/B:1',
  'a:',
  'a:-1',
  `a:${'1'.repeat(129)}`,
  'a@',
  'a@sha256:0',
  `a@${digest}0`,
  `a@${digest.toUpperCase()}`,
  'a:1 ',
  ' a:1',
  'a:1\n',
  'a:1;b',
  'a//b:1',
  '/a:1',
  'a/:1',
  '../a:1',
  'https://registry.example.com/a:1',
  'a:1\u200B',
  `${'a/'.repeat(300)}a:1`,
])('C1: %j is no image', (image) => {
  expect(refusal({ image })).toMatchObject({
    path: 'image',
    message: expect.stringMatching(/^spec\.image: expected .*; got /),
  });
});

const many = <Item>(count: number, of: (i: number) => Item) => Array.from({ length: count }, (_, i) => of(i));

describe('C1: a spec is refused by the path of what is wrong with it', () => {
  test.each<[string, unknown]>([
    ['', 7],
    ['', []],
    ['image', 7],
    ['command', 'a'],
    ['command.0', [' ']],
    ['command.0', ['', 'a']],
    ['command.1', ['a', 'b\0']],
    ['command.1', ['a', '\uD800']],
    ['command.1', ['a', 'b'.repeat(4_097)]],
    ['command.1', ['a', null]],
    ['command', many(101, String)],
    ['arguments.0', [7]],
    ['arguments', many(101, String)],
    ['environment', {}],
    ['environment', many(101, (i) => ({ name: `A${i}`, value: '' }))],
    ['environment.0.name', [{ value: '' }]],
    ['environment.0.name', [{ name: '', value: '' }]],
    ['environment.0.name', [{ name: '1A', value: '' }]],
    ['environment.0.name', [{ name: 'A=B', value: '' }]],
    ['environment.0.name', [{ name: 'A B', value: '' }]],
    ['environment.0.name', [{ name: 'A\n', value: '' }]],
    ['environment.0.name', [{ name: 'A'.repeat(256), value: '' }]],
    ['environment.0.name', [{ name: 'PORT', value: '' }]],
    ['environment.0.name', [{ name: 'PORT_GRPC', value: '' }]],
    ['environment.0.name', [{ name: 'MUSTER_PLUGIN_ID', value: '' }]],
    ['environment.1.name', many(2, () => ({ name: 'A', value: '' }))],
    ['environment.0.value', [{ name: 'A' }]],
    ['environment.0.value', [{ name: 'A', value: null, secret: null }]],
    ['environment.0.secret', [{ name: 'A', value: '', secret: 's' }]],
    ['environment.0.value', [{ name: 'A', value: '\0' }]],
    ['environment.0.value', [{ name: 'A', value: 'b'.repeat(4_097) }]],
    ['environment.0.secret', [{ name: 'A', secret: '' }]],
    ['environment.0.secret', [{ name: 'A', secret: '../b' }]],
    ['environment.0.secret', [{ name: 'A', secret: '..' }]],
    ['environment.0.secret', [{ name: 'A', secret: 'b'.repeat(256) }]],
    ['ports', many(65, (i) => ({ name: `a${i}`, port: i + 1 }))],
    ['ports.0.name', [{ port: 1 }]],
    ['ports.0.name', [{ name: 'A', port: 1 }]],
    ['ports.0.name', [{ name: '1', port: 1 }]],
    ['ports.0.name', [{ name: 'a-', port: 1 }]],
    ['ports.0.name', [{ name: 'a_b', port: 1 }]],
    ['ports.0.name', [{ name: 'a'.repeat(16), port: 1 }]],
    ['ports.0.port', [{ name: 'a', port: 0 }]],
    ['ports.0.port', [{ name: 'a', port: 65_536 }]],
    ['ports.0.port', [{ name: 'a', port: 1.5 }]],
    ['ports.0.port', [{ name: 'a', port: '1' }]],
    ['ports.0.scheme', [{ name: 'a', port: 1, scheme: 'unix' }]],
    ['ports.0.scheme', [{ name: 'a', port: 1, scheme: 'GRPC' }]],
    ['ports.1.name', [port, { name: 'grpc', port: 2 }]],
    ['ports.1.port', [port, { name: 'b', port: 50_051 }]],
    ['resources.memoryMib', { memoryMib: 5 }],
    ['resources.memoryMib', { memoryMib: 4_194_305 }],
    ['resources.memoryMib', { memoryMib: 10.5 }],
    ['resources.cpuMillis', { cpuMillis: 0 }],
    ['resources.cpuMillis', { cpuMillis: 1_000_001 }],
    ['stopTimeoutSeconds', -1],
    ['stopTimeoutSeconds', 3_601],
    ['stopTimeoutSeconds', 0.5],
    ['health', 'TCP'],
    ['health.kind', { kind: 'tcp' }],
    ['health.kind', { kind: 'TCP' }],
    ['health.port', { port: 'a' }],
    ['health.intervalSeconds', { intervalSeconds: 0 }],
    ['health.intervalSeconds', { intervalSeconds: 3_601 }],
  ])('%s: %j', (path, value) => {
    const [field = ''] = path.split('.');
    const came = refusal(field === '' ? value : { [field]: value });
    expect(came).toMatchObject({ path, message: expect.stringMatching(/: .+; got /) });
  });

  test.each<[string, unknown]>([
    ['health.port', { port: 'web' }],
    ['health.path', { path: '/' }],
    ['health.path', { kind: 'TCP', path: '/' }],
    ['health.path', { kind: 'HTTP', path: 'health' }],
    ['health.path', { kind: 'HTTP', path: '' }],
    ['health.path', { kind: 'HTTP', path: '/a b' }],
    ['health.path', { kind: 'HTTP', path: '/a\r\nHost: b' }],
    ['health.path', { kind: 'HTTP', path: '/a#b' }],
    ['health.path', { kind: 'HTTP', path: `/${'a'.repeat(4_096)}` }],
    ['health.service', { kind: 'HTTP', service: 'a.B' }],
    ['health.service', { service: 'a b' }],
    ['health.service', { service: '' }],
    ['health.port', { kind: 'NONE', port: 'grpc' }],
    ['health.path', { kind: 'NONE', path: '/' }],
    ['health.service', { kind: 'NONE', service: 'a' }],
  ])('%s, of a spec with a port: %j', (path, health) => {
    expect(refusal({ ports: [port], health })).toMatchObject({ path, message: expect.stringMatching(/; got /) });
  });

  test('also where it has more than 16 KiB as JSON', () => {
    const large = { arguments: many(4, () => 'a'.repeat(4_096)) };
    expect(refusal(large)).toMatchObject({ path: '', message: expect.stringContaining('at most 16384 bytes') });
    expect(read({ arguments: large.arguments.slice(1) }).arguments).toHaveLength(3);
  });

  test('says what was expected and what came', () => {
    expect(refusal({ ports: [port], health: { port: 'web' } }).message).toBe(
      'spec.health.port: expected the name of a port: one of grpc; got "web"',
    );
    expect(refusal({ environment: [{ name: 'PORT', value: '1' }] }).message).toBe(
      'spec.environment[0].name: expected another name than PORT, PORT_... and MUSTER_..., which agents set; got "PORT"',
    );
  });
});
