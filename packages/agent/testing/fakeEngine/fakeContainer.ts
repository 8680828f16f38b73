import { randomBytes } from 'node:crypto';
import type { Behaviour } from '../driverContract.ts';

/** The parts of a request to make a container that the fake keeps. */
export interface ContainerBody {
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Env: readonly string[];
  readonly HostConfig: Readonly<Record<string, unknown>> & {
    readonly NetworkMode: string;
    readonly PortBindings?: Readonly<Record<string, readonly { readonly HostPort: string }[]>>;
  };
  readonly [field: string]: unknown;
}

/** A container that never was: it behaves as its image says. */
export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly body: ContainerBody;
  readonly imageId: string;
  status: 'created' | 'running' | 'exited';
  startedAt: string;
  exitCode: number;
  isOutOfMemory: boolean;
  /** All that it has written, a line each. */
  readonly output: string[];
  /** The ports of the host, by `50051/tcp`. */
  readonly hostPorts: Map<string, number>;
}

/** A container that was made, and not started. */
export function newContainer(name: string, body: ContainerBody, imageId: string): FakeContainer {
  return {
    id: randomBytes(32).toString('hex'),
    name,
    body,
    imageId,
    status: 'created',
    startedAt: '0001-01-01T00:00:00Z',
    exitCode: 0,
    isOutOfMemory: false,
    output: [],
    hostPorts: new Map(),
  };
}

/** The words of each behaviour at its start. */
export const firstWords: Readonly<Record<Behaviour, readonly string[]>> = {
  SERVES: ['serving'],
  FAILS: ['one', 'two'],
  STUBBORN: ['serving'],
};

/** A container in the engine's list. */
export function listed({ id, name, body, imageId, status }: FakeContainer): object {
  return { Id: id, Names: [`/${name}`], Image: body.Image, ImageID: imageId, Labels: body.Labels, State: status };
}

/** A container as the engine inspects it. */
export function inspected(container: FakeContainer): object {
  const { id, name, body, status, exitCode, isOutOfMemory, startedAt, hostPorts } = container;
  const ports = [...hostPorts].map(([port, hostPort]) => [
    port,
    [
      { HostIp: '::', HostPort: String(hostPort + 1) },
      { HostIp: '0.0.0.0', HostPort: String(hostPort) },
    ],
  ]);
  return {
    Id: id,
    Name: `/${name}`,
    Config: { ...body, HostConfig: undefined },
    HostConfig: body.HostConfig,
    State: { Status: status, ExitCode: exitCode, OOMKilled: isOutOfMemory, Error: '', StartedAt: startedAt },
    NetworkSettings: { Ports: status === 'running' ? Object.fromEntries(ports) : {} },
  };
}

/** A line as the engine sends it of a container without a terminal: with a head of 8 bytes. */
export function frame(line: string): Buffer {
  const text = Buffer.from(`${line}\n`);
  const head = Buffer.alloc(8);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, text]);
}
