import type { Observed } from '../observed.ts';
import { identityIn, nameLabel, type ObjectMeta, portsIn } from './annotations.ts';

/** A Deployment, as far as it is read. */
export interface Deployment {
  readonly metadata: ObjectMeta;
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** A pod, as far as it is read. */
export interface Pod {
  readonly metadata: ObjectMeta & { readonly creationTimestamp: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly state?: {
    readonly running?: { readonly startedAt: string };
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Termination;
  };
  readonly lastState?: { readonly terminated?: Termination };
}

interface Termination {
  readonly exitCode: number;
  readonly reason?: string;
}

/** The reasons to wait that pass by themselves, if all goes well. All others are failures, such as CrashLoopBackOff. */
const startingReasons: readonly (string | undefined)[] = ['ContainerCreating', 'PodInitializing', undefined];

/** A Deployment as a list of the driver shows it, by its newest pod; undefined if it is no plugin's. */
export function observeDeployment(
  { metadata, spec, status }: Deployment,
  pods: readonly Pod[],
  namespace: string,
): Observed | undefined {
  const identity = identityIn(metadata);
  if (identity === undefined) return undefined;
  const { name: id } = metadata;
  const own = pods.filter((pod) => pod.metadata.labels?.[nameLabel] === id);
  const seen = { id, identity, startedAtMs: null, exitCode: null, reason: null, ports: [] };
  // One that was stopped looks like one that was never started, and needs the same next.
  if (!spec.replicas) return { ...seen, status: own.length > 0 ? 'RUNNING' : 'CREATED' };
  const host = `${id}.${namespace}.svc`;
  const ports = portsIn(metadata).map((port) => ({ ...port, host, advertisedHost: host }));
  const pod = newestOf(own);
  const refused = status?.conditions?.find((each) => each.type === 'ReplicaFailure' && each.status === 'True');
  if (pod === undefined && refused)
    return { ...seen, status: 'FAILING', reason: refused.message ?? refused.type, ports };
  return { ...seen, ports, ...observePod(pod) };
}

/** The newest that isn't ending, else the newest. */
export function newestOf(pods: readonly Pod[]): Pod | undefined {
  const rank = ({ metadata }: Pod) =>
    `${metadata.deletionTimestamp === undefined ? 1 : 0} ${metadata.creationTimestamp}`;
  return pods.toSorted((one, other) => (rank(one) < rank(other) ? 1 : -1))[0];
}

function observePod(pod: Pod | undefined): Pick<Observed, 'status' | 'startedAtMs' | 'exitCode' | 'reason'> {
  const container = pod?.status?.containerStatuses?.[0];
  const { running, waiting, terminated } = container?.state ?? {};
  const last = terminated ?? container?.lastState?.terminated;
  if (waiting && !startingReasons.includes(waiting.reason)) {
    const words = [waiting.reason, waiting.message].filter((word) => word !== undefined).join(': ');
    return { status: 'FAILING', startedAtMs: null, exitCode: last?.exitCode ?? null, reason: words };
  }
  const startedAtMs = running ? Date.parse(running.startedAt) : null;
  return { status: 'RUNNING', startedAtMs, exitCode: null, reason: running ? null : pendingReason(pod, terminated) };
}

/** Why a pod doesn't run yet, such as that no node has room for it. */
function pendingReason(pod: Pod | undefined, terminated: Termination | undefined): string | null {
  if (terminated) return `${terminated.reason ?? 'ended'} with ${terminated.exitCode}`;
  const unmet = pod?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return unmet?.message ?? null;
}
