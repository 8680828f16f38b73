import { labelsOf } from '../identity.ts';
import { portVariables, type RunSpec } from '../runSpec.ts';
import { portsLabel } from './container.ts';

const mebibyte = 1024 * 1024;
/** Nobody of the host. */
const nobody = '65532:65532';

/**
 * The request that makes a container of a spec. By default it may do next to nothing (G12): it writes to `/tmp` alone, gets no
 * capability and no new privilege, and has bounds on memory (none of it swapped), cores and processes. The engine never
 * restarts it (G5).
 *
 * @param imageUser the user that the image names; root counts as none
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerCreate
 */
export function containerBody(spec: RunSpec, network: string, imageUser: string): object {
  const { limits, ports } = spec;
  const memory = limits.memoryMib * mebibyte;
  const names = ports.map(({ port }) => `${port}/tcp`);
  const isPublished = network !== 'host' && network !== 'none';
  const environment = { ...spec.environment, ...portVariables(ports) };
  return {
    Image: spec.image,
    ...(spec.command === null ? {} : { Entrypoint: spec.command }),
    // Without either, the image's own words are used; with an entry point, the engine leaves out the image's arguments.
    ...(spec.arguments.length === 0 ? {} : { Cmd: spec.arguments }),
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...labelsOf(spec.identity),
      [portsLabel]: JSON.stringify(ports.map(({ name, port }) => ({ name, port }))),
    },
    User: limits.user ?? (/^(root|0)?(:.*)?$/.test(imageUser) ? nobody : imageUser),
    StopTimeout: spec.stopTimeoutSeconds,
    ExposedPorts: Object.fromEntries(names.map((name) => [name, {}])),
    HostConfig: {
      NetworkMode: network,
      // The engine picks the host's port (G10).
      ...(isPublished ? { PortBindings: Object.fromEntries(names.map((name) => [name, [{ HostPort: '' }]])) } : {}),
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: limits.cpuMillis * 1_000_000,
      PidsLimit: limits.pids,
      ReadonlyRootfs: limits.readOnlyRootFilesystem,
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,size=64m,mode=1777' },
      CapDrop: ['ALL'],
      CapAdd: limits.capabilities,
      SecurityOpt: ['no-new-privileges'],
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  };
}
