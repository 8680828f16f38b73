import { EventEmitter } from 'node:events';
import type { Behaviour } from '../driverContract.ts';
import { type FakeContainer, firstWords } from './fakeContainer.ts';

/** An image that the fake has. */
interface FakeImage {
  readonly id: string;
  readonly behaviour: Behaviour;
  /** The user that it names; empty for none. */
  readonly user: string;
}

/** The things that a fake engine has. */
export interface FakeState {
  readonly versions: { ApiVersion: string; MinAPIVersion: string };
  readonly containers: Map<string, FakeContainer>;
  readonly images: Map<string, FakeImage>;
  readonly registry: Map<string, Behaviour>;
  waitForPull: (image: string) => Promise<void>;
  pulls: number;
  mostPulls: number;
  /** `event` with each event, `write` with the id of a container that wrote or ended, `endEvents`. */
  readonly happenings: EventEmitter<{ event: [object]; write: [string]; endEvents: [] }>;
  start(container: FakeContainer): void;
  end(id: string, exitCode: number, isOutOfMemory?: boolean): void;
  emit(action: string, container: FakeContainer): void;
}

/** @param now the engine's clock, in milliseconds since 1970 */
export function createFakeState(now: () => number): FakeState {
  const containers = new Map<string, FakeContainer>();
  const images = new Map<string, FakeImage>();
  const happenings: FakeState['happenings'] = new EventEmitter();
  // A test may follow the logs of many.
  happenings.setMaxListeners(0);
  let nextPort = 32_768;

  const emit = (Action: string, { id, body }: FakeContainer) =>
    happenings.emit('event', { Type: 'container', Action, Actor: { ID: id, Attributes: body.Labels } });

  function end(id: string, exitCode: number, isOutOfMemory = false): void {
    const container = containers.get(id);
    if (container?.status !== 'running') return;
    Object.assign(container, { status: 'exited', exitCode, isOutOfMemory });
    happenings.emit('write', id);
    emit('die', container);
  }

  return {
    versions: { ApiVersion: '1.43', MinAPIVersion: '1.24' },
    containers,
    images,
    registry: new Map(),
    waitForPull: () => Promise.resolve(),
    pulls: 0,
    mostPulls: 0,
    happenings,
    emit,
    end,
    start: (container) => {
      const behaviour = images.get(container.body.Image)?.behaviour ?? 'SERVES';
      Object.assign(container, { status: 'running', startedAt: new Date(now()).toISOString(), exitCode: 0 });
      for (const [port, bindings] of Object.entries(container.body.HostConfig.PortBindings ?? {})) {
        const [{ HostPort = '' } = {}] = bindings;
        container.hostPorts.set(port, HostPort === '' ? nextPort : Number(HostPort));
        nextPort += 2;
      }
      container.output.push(...firstWords[behaviour]);
      emit('start', container);
      if (behaviour === 'FAILS') end(container.id, 3);
    },
  };
}
