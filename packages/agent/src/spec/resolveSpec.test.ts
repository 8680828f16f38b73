import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wish } from '../../testing/supervise.ts';
import { parseConfig } from '../config/readConfig.ts';
import type { Wish } from '../plugin/wish.ts';
import type { ReleaseSpec } from './releaseSpec.ts';
import { resolveSpec } from './resolveSpec.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-agent-spec-'));
  writeFileSync(join(folder, 'password'), 'hunter2\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const release: ReleaseSpec = {
  image: 'r.example/a@sha256:1',
  command: ['/a'],
  arguments: ['--x'],
  environment: [
    { name: 'LEVEL', value: 'info', secret: null },
    { name: 'PASSWORD', value: null, secret: 'password' },
  ],
  ports: [{ name: 'web', port: 80, scheme: 'http' }],
  health: { kind: 'HTTP', port: 'web', path: '/up', service: null, intervalSeconds: 9 },
  resources: { memoryMib: 100, cpuMillis: null },
  stopTimeoutSeconds: 3,
};

function resolve(yaml: string, of = wish('a', { release }), hashKey = 'key-1') {
  const config = parseConfig(`server: { url: http://127.0.0.1/graphql }\n${yaml}`);
  return resolveSpec(of, { config, owner: 'agent-1', agentVersion: '0.1.0', hashKey, hostMemoryMib: 16_384 });
}
const docker = (more = '') => `driver: docker\nsecrets: { password: { file: ${join(folder, 'password')} } }\n${more}`;

describe('what runs for a wish (G14)', () => {
  it('is its release, with the secrets of this host', () => {
    const { spec, secrets } = resolve(docker());
    expect(spec).toMatchObject({
      image: 'r.example/a@sha256:1',
      command: ['/a'],
      arguments: ['--x'],
      environment: { LEVEL: 'info', PASSWORD: 'hunter2', MUSTER_PLUGIN_ID: 'a', MUSTER_PLUGIN_VERSION: '1.0' },
      ports: [{ name: 'web', port: 80, scheme: 'http' }],
      health: { kind: 'HTTP', path: '/up', intervalSeconds: 9 },
      stopTimeoutSeconds: 3,
    });
    expect(secrets).toEqual(['hunter2']);
  });

  it('is by agent.yaml where there is no release: the template, or the image of the plugin', () => {
    const bare = wish('a', { version: '2.0' });
    expect(resolve(docker('images: { template: "r.example/{pluginId}:{version}" }'), bare).spec.image).toBe(
      'r.example/a:2.0',
    );
    const named = 'plugins: { a: { image: "other/a:{version}-x", arguments: [-v], health: { kind: tcp } } }';
    expect(resolve(docker(named), bare).spec).toMatchObject({
      image: 'other/a:2.0-x',
      arguments: ['-v'],
      health: { kind: 'TCP' },
      ports: [{ name: 'grpc', port: 50_051 }],
    });
  });

  it('is the program of agent.yaml for a process, else the command of the release', () => {
    const secret = `secrets: { password: { file: ${join(folder, 'password')} } }\n`;
    expect(resolve(`driver: process\n${secret}`).spec).toMatchObject({ image: null, command: ['/a'] });
    expect(resolve(`driver: process\n${secret}plugins: { a: { executable: /opt/a } }`).spec.command).toEqual([
      '/opt/a',
    ]);
  });

  it.each([
    ['no image', 'driver: docker', wish('a'), 'images.template: expected it, or plugins.a.image'],
    ['no program', 'driver: process', wish('a'), 'plugins.a.executable: expected a program'],
    ['no secret', 'driver: docker', wish('a', { release }), 'secrets.password: expected it for the variable PASSWORD'],
    [
      'a secret that can not be read',
      'driver: docker\nsecrets: { password: { file: /nowhere/password } }',
      wish('a', { release }),
      'secrets.password: expected a file that can be read; got ENOENT',
    ],
  ])('with %s is refused, and the message names the place', (_, yaml, of, message) => {
    expect(() => resolve(yaml, of)).toThrow(message);
  });
});

describe('limits (G12)', () => {
  it('are the defaults, under the release, under what the host says of the plugin', () => {
    expect(resolve(docker()).spec.limits).toEqual({
      memoryMib: 100,
      cpuMillis: 1_000,
      pids: 256,
      readOnlyRootFilesystem: true,
      capabilities: [],
      user: null,
    });
    const raised = 'plugins: { a: { memoryMib: 200, capabilities: [NET_RAW], readOnlyRootFilesystem: false } }';
    expect(resolve(docker(raised)).spec.limits).toMatchObject({
      memoryMib: 200,
      capabilities: ['NET_RAW'],
      readOnlyRootFilesystem: false,
    });
  });
});

describe('the memory that a release may ask for (G12)', () => {
  const askingFor = (memoryMib: number) =>
    wish('a', { release: { ...release, environment: [], resources: { memoryMib, cpuMillis: null } } });
  const memoryOf = (yaml: string, memoryMib: number) => resolve(yaml, askingFor(memoryMib)).spec.limits.memoryMib;

  it('is what agent.yaml says at most', () => {
    const yaml = docker('maxReleaseMemoryMib: 2048');
    expect(memoryOf(yaml, 2_048)).toBe(2_048);
    expect(() => memoryOf(yaml, 2_049)).toThrow(
      'maxReleaseMemoryMib: expected a release that asks for at most 2048 MiB of memory; got one that asks for 2049',
    );
    expect(memoryOf(docker('maxReleaseMemoryMib: 2048\nplugins: { a: { memoryMib: 4096 } }'), 2_049)).toBe(4_096);
  });

  it('is the memory of the host where agent.yaml says nothing, but for a cluster, which has other hosts', () => {
    expect(memoryOf(docker(), 16_384)).toBe(16_384);
    expect(() => memoryOf(docker(), 4_194_304)).toThrow('at most 16384 MiB of memory; got one that asks for 4194304');
    expect(memoryOf('driver: kubernetes', 4_194_304)).toBe(4_194_304);
  });
});

describe('the identity (G2)', () => {
  it('has the same hash for the same spec whatever the generation, and another for another secret', () => {
    const first = resolve(docker()).spec;
    const next = resolve(docker(), wish('a', { release, generation: 2 })).spec;
    expect(next.identity.specHash).toBe(first.identity.specHash);
    expect(next.name).toBe(first.name.replace(/g1$/, 'g2'));
    writeFileSync(join(folder, 'password'), 'other');
    expect(resolve(docker()).spec.identity.specHash).not.toBe(first.identity.specHash);
  });

  it('has a hash of secrets that nobody can make who lacks the key of the agent, and of all else the same for all', () => {
    const hashOf = (of: Wish, hashKey: string) => resolve(docker(), of, hashKey).spec.identity.specHash;
    const plain = wish('a', { release: { ...release, environment: [] } });
    const secret = wish('a', { release });
    expect(hashOf(secret, 'key-1')).toBe(hashOf(secret, 'key-1'));
    expect(hashOf(secret, 'key-2')).not.toBe(hashOf(secret, 'key-1'));
    expect(hashOf(plain, 'key-2')).toBe(hashOf(plain, 'key-1'));
  });

  it('has a name of at most 63 plain characters', () => {
    const long = wish('Plugin_'.repeat(36), { domainId: 'D.'.repeat(32), generation: 1_234, release });
    const { name } = resolve(docker(), long).spec;
    expect(name).toMatch(/^muster-[a-z0-9-]+-[0-9a-f]{8}-g1234$/);
    expect(name.length).toBeLessThanOrEqual(63);
  });
});

describe('the releases of other tenants of a public supervisor (A6, G12)', () => {
  const foreign = wish('a', { domainId: 'other', release });
  const raised = 'plugins: { a: { capabilities: [NET_ADMIN], user: "0", memoryMib: 9000 } }\n';

  it('get none of the secrets of this host, and nothing of what agent.yaml allows a plugin of the id', () => {
    const yaml = docker(`supervisor: { domainId: acme }\n${raised}`);
    expect(() => resolve(yaml, foreign)).toThrow(
      'trustedDomains: expected other among them, since its release names the secret password',
    );
    const plain = { ...foreign, release: { ...release, environment: [] } };
    expect(resolve(yaml, plain).spec.limits).toMatchObject({ capabilities: [], user: null, memoryMib: 100 });
    expect(resolve(yaml).spec.limits).toMatchObject({ capabilities: ['NET_ADMIN'], user: '0', memoryMib: 9000 });
    expect(resolve(yaml).secrets).toEqual(['hunter2']);
  });

  it('get both where agent.yaml trusts their domain', () => {
    const { spec, secrets } = resolve(docker(`trustedDomains: [other]\n${raised}`), foreign);
    expect(spec.limits.memoryMib).toBe(9000);
    expect(secrets).toEqual(['hunter2']);
    expect(() => resolve(docker('trustedDomains: [other]'))).toThrow('trustedDomains: expected acme among them');
  });
});
