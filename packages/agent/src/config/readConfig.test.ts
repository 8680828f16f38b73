import { describe, expect, it } from 'vitest';
import { parseConfig } from './readConfig.ts';

const least = 'server: { url: http://127.0.0.1:4000/graphql }\ndriver: docker\n';

describe('agent.yaml', () => {
  it('needs the server and the driver, and has a default for all else', () => {
    expect(parseConfig(least)).toMatchObject({
      stateFolder: '/var/lib/muster-agent',
      docker: { socketPath: '/var/run/docker.sock' },
      limits: { memoryMib: 512, cpuMillis: 1_000, pids: 256, readOnlyRootFilesystem: true, capabilities: [] },
      maxRemovalShare: 0.5,
      status: { host: '127.0.0.1', port: 9464 },
    });
  });

  it('has for a plugin what its release lacks', () => {
    const { plugins } = parseConfig(`${least}plugins: { echo: { executable: /opt/echo, memoryMib: 64 } }`);
    expect(plugins.echo).toMatchObject({
      executable: '/opt/echo',
      memoryMib: 64,
      ports: [{ name: 'grpc', port: 50_051, scheme: 'grpc' }],
      health: { kind: 'grpc', intervalSeconds: 5 },
    });
  });

  it.each([
    ['no YAML', 'driver: [', /flow sequence/i],
    ['nothing', '', 'the file: '],
    ['no driver', 'server: { url: http://a/graphql }', 'driver: '],
    ['another driver', least.replace('docker', 'podman'), 'driver: '],
    ['a name that is none of ours', `${least}drvier: docker`, 'drvier'],
    ['a path from here', `${least}stateFolder: state`, 'stateFolder: expected an absolute path'],
    [
      'half a credential',
      `${least}registries: { r.example: { username: a } }`,
      'registries.r.example: expected either',
    ],
    ['a share above 1', `${least}maxRemovalShare: 2`, 'maxRemovalShare: '],
  ])('with %s is refused, and the message names the place', (_, yaml, message) => {
    expect(() => parseConfig(yaml)).toThrow(message);
  });
});
