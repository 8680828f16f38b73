import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Behaviour } from '../driverContract.ts';
import { type FakeServer, openFakeServer } from '../fakeServer/fakeServer.ts';
import { answerCluster } from './clusterRoutes.ts';
import { createClusterState, type FakePod } from './clusterState.ts';

/** A cluster for tests: the paths of Kubernetes' API that the driver uses, of one namespace, and pods as a map. */
export interface FakeCluster extends Pick<FakeServer, 'calls' | 'onCall'> {
  /** A kubeconfig of it. */
  readonly kubeconfigFile: string;
  readonly namespace: string;
  /** All objects but pods, by `deployments/name`. */
  readonly objects: ReadonlyMap<string, object>;
  readonly pods: ReadonlyMap<string, FakePod>;
  /** The behaviour of each image; of another no pod gets further than ImagePullBackOff. */
  readonly images: Map<string, Behaviour>;
  /** Why no pod can be made, in words; null: they can. */
  refusePods(message: string | null): void;
  /** Why no node takes a pod, in words; null: one does. */
  refuseNodes(message: string | null): void;
  /** Ends all watches. */
  endWatches(): void;
  /** From now on watches that are open say nothing more, and stay open. */
  silenceWatches(): void;
  close(): Promise<void>;
}

/** Opens a cluster on loopback. */
export async function openFakeCluster(): Promise<FakeCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-'));
  const kubeconfigFile = join(folder, 'config');
  const namespace = 'plugins';
  const state = createClusterState();
  const server = await openFakeServer({ host: '127.0.0.1', port: 0 }, (call) => answerCluster(state, namespace, call));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'fake', cluster: { server: `http://127.0.0.1:${server.port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'agent', user: { token: 'a-token' } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'agent', namespace } }],
    'current-context': 'fake',
  };
  await writeFile(kubeconfigFile, JSON.stringify(config));

  return {
    kubeconfigFile,
    namespace,
    calls: server.calls,
    onCall: server.onCall,
    objects: state.objects,
    pods: state.pods,
    images: state.images,
    refusePods: (message) => {
      state.podRefusal = message;
    },
    refuseNodes: (message) => {
      state.nodeRefusal = message;
    },
    endWatches: () => void state.happenings.emit('endWatches'),
    silenceWatches: () => state.happenings.removeAllListeners('change'),
    close: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
