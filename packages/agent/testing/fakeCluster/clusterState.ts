import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Behaviour } from '../driverContract.ts';
import { firstWords } from '../fakeEngine/fakeContainer.ts';

/** An object as it was applied. */
export interface FakeObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

/** A Deployment as it was applied. */
export interface FakeDeployment extends FakeObject {
  spec: { replicas: number; readonly template: FakeTemplate };
  status: object;
}

interface FakeTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

/** A pod, and what its one container does. */
export interface FakePod extends FakeObject {
  readonly metadata: FakeObject['metadata'] & { readonly creationTimestamp: string; deletionTimestamp?: string };
  readonly behaviour: Behaviour | undefined;
  readonly output: string[];
  readonly status: object;
}

/** The things that a fake cluster has. */
export interface ClusterState {
  /** By `deployments/name`. */
  readonly objects: Map<string, FakeObject>;
  readonly pods: Map<string, FakePod>;
  readonly images: Map<string, Behaviour>;
  podRefusal: string | null;
  nodeRefusal: string | null;
  /** `change` with each object that changed, `write` when a pod wrote or ended, `endWatches`. */
  readonly happenings: EventEmitter<{ change: [string, FakeObject]; write: []; endWatches: [] }>;
  /** Makes and ends pods as a Deployment says. */
  reconcile(deployment: FakeDeployment): void;
  /** Ends a pod: at once, or, if it is stubborn, after the grace. */
  endPod(pod: FakePod, graceMs: number): void;
}

/** A cluster without a thing. */
export function createClusterState(): ClusterState {
  const pods = new Map<string, FakePod>();
  const images = new Map<string, Behaviour>();
  const happenings: ClusterState['happenings'] = new EventEmitter();
  happenings.setMaxListeners(0);
  const state: ClusterState = {
    objects: new Map(),
    pods,
    images,
    podRefusal: null,
    nodeRefusal: null,
    happenings,
    reconcile: (deployment) => {
      const { metadata, spec } = deployment;
      const own = [...pods.values()].filter((pod) => pod.metadata.name.startsWith(`${metadata.name}-`));
      const live = own.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      if (spec.replicas === 0) for (const pod of live) state.endPod(pod, 10_000);
      if (spec.replicas === 0 || live.length > 0) return;
      deployment.status = state.podRefusal === null ? {} : refusedStatus(state.podRefusal);
      if (state.podRefusal !== null) return;
      const pod = newPod(deployment, images, state.nodeRefusal);
      pods.set(pod.metadata.name, pod);
      happenings.emit('change', 'pods', pod);
      happenings.emit('write');
    },
    endPod: (pod, graceMs) => {
      const end = () => {
        if (!pods.delete(pod.metadata.name)) return;
        happenings.emit('change', 'pods', pod);
        happenings.emit('write');
      };
      pod.metadata.deletionTimestamp ??= new Date().toISOString();
      if (pod.behaviour === 'STUBBORN') setTimeout(end, graceMs).unref();
      else end();
    },
  };
  return state;
}

function refusedStatus(message: string): object {
  return { conditions: [{ type: 'ReplicaFailure', status: 'True', message }] };
}

function newPod(
  { metadata, spec }: FakeDeployment,
  images: ReadonlyMap<string, Behaviour>,
  nodeRefusal: string | null,
): FakePod {
  const [{ image = '' } = {}] = spec.template.spec.containers;
  const behaviour = images.get(image);
  const isPlaced = nodeRefusal === null;
  return {
    metadata: {
      name: `${metadata.name}-${randomBytes(3).toString('hex')}`,
      labels: spec.template.metadata.labels,
      creationTimestamp: new Date().toISOString(),
    },
    behaviour,
    output: behaviour && isPlaced ? [...firstWords[behaviour]] : [],
    status: isPlaced
      ? { phase: 'Running', containerStatuses: [{ name: 'plugin', ...containerStates(image, behaviour) }] }
      : { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: nodeRefusal }] },
  };
}

function containerStates(image: string, behaviour: Behaviour | undefined): object {
  if (behaviour === undefined) {
    return { state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } } };
  }
  if (behaviour === 'FAILS') {
    return {
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    };
  }
  return { state: { running: { startedAt: new Date().toISOString() } } };
}
