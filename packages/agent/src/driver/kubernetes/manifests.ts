import type {
  V1Container,
  V1Deployment,
  V1PodSecurityContext,
  V1PodSpec,
  V1Probe,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node';
import { portVariables, type RunSpec } from '../runSpec.ts';
import { metaOf, selectionLabels } from './annotations.ts';

/** The name of a pod's one container. */
export const containerName = 'plugin';

/** How long a plugin may take until it answers, before the cluster restarts it. */
const longestStartSeconds = 600;

/** The Deployment of a spec, of one pod, or of none before the start. @param pullSecrets names of Secrets to fetch images by */
export function deploymentOf(spec: RunSpec, pullSecrets: readonly string[]): V1Deployment {
  const meta = metaOf(spec);
  const matchLabels = selectionLabels(spec.identity.owner, spec.name);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta,
    spec: {
      replicas: 0,
      // Two pods of one generation never run at a time.
      strategy: { type: 'Recreate' },
      selector: { matchLabels },
      template: {
        metadata: { labels: meta.labels, annotations: meta.annotations },
        spec: podOf(spec, pullSecrets),
      },
    },
  };
}

/** The Service by whose name a plugin is reached; undefined for a spec without ports, which needs none. */
export function serviceOf(spec: RunSpec): V1Service | undefined {
  const numbers = portNumbers(spec);
  if (numbers.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(spec),
    spec: {
      selector: selectionLabels(spec.identity.owner, spec.name),
      ports: numbers.map((port) => ({ name: `port-${port}`, port, targetPort: port, protocol: 'TCP' })),
    },
  };
}

/** The Secret with a spec's environment, so that the right to read Deployments is none to read secrets. */
export function secretOf(spec: RunSpec): V1Secret {
  const data = Object.entries(spec.environment).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: metaOf(spec), type: 'Opaque', data: Object.fromEntries(data) };
}

/** Ports may share a number. */
function portNumbers({ ports }: RunSpec): number[] {
  return [...new Set(ports.map(({ port }) => port))];
}

function podOf(spec: RunSpec, pullSecrets: readonly string[]): V1PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: spec.stopTimeoutSeconds,
    securityContext: userOf(spec),
    imagePullSecrets: pullSecrets.map((name) => ({ name })),
    containers: [containerOf(spec)],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
  };
}

/** G12: with bounds, without rights. The number of processes is the node's to bound: a pod can't say it. */
function containerOf(spec: RunSpec): V1Container {
  const { limits } = spec;
  const memory = `${limits.memoryMib}Mi`;
  return {
    name: containerName,
    ...(spec.image === null ? {} : { image: spec.image }),
    imagePullPolicy: spec.pullPolicy,
    ...(spec.command === null ? {} : { command: [...spec.command] }),
    args: [...spec.arguments],
    envFrom: [{ secretRef: { name: spec.name } }],
    env: Object.entries(portVariables(spec.ports)).map(([name, value]) => ({ name, value })),
    ports: portNumbers(spec).map((containerPort) => ({ containerPort, protocol: 'TCP' })),
    resources: {
      limits: { memory, cpu: `${limits.cpuMillis}m` },
      // Memory is sure to be there; a core is shared until somebody needs it.
      requests: { memory, cpu: `${Math.ceil(limits.cpuMillis / 10)}m` },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: limits.readOnlyRootFilesystem,
      capabilities: { drop: ['ALL'], add: [...limits.capabilities] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    ...probesOf(spec),
  };
}

/** The image's user unless the limits name one; it must not be root, and the cluster sees to that. */
function userOf({ limits }: RunSpec): V1PodSecurityContext {
  const seccompProfile = { type: 'RuntimeDefault' };
  if (limits.user === null) return { runAsNonRoot: true, seccompProfile };
  const [uid = 0, gid = uid] = limits.user.split(':').map(Number);
  return { runAsNonRoot: uid !== 0, runAsUser: uid, runAsGroup: gid, seccompProfile };
}

/**
 * G5: the cluster restarts what hangs, since the agent leaves that to it. Of gRPC only the port is tried: kubelets fail
 * servers without a health service, which the agent accepts (G3).
 */
function probesOf({ health, ports }: RunSpec): { livenessProbe?: V1Probe; startupProbe?: V1Probe } {
  const port = (ports.find(({ name }) => name === health.port) ?? ports[0])?.port;
  if (health.kind === 'NONE' || port === undefined) return {};
  const asks = health.kind === 'HTTP' ? { httpGet: { path: health.path ?? '/', port } } : { tcpSocket: { port } };
  const { intervalSeconds } = health;
  const probe = { ...asks, periodSeconds: intervalSeconds, timeoutSeconds: 2 };
  const failureThreshold = Math.ceil(longestStartSeconds / intervalSeconds);
  return { livenessProbe: { ...probe, failureThreshold: 3 }, startupProbe: { ...probe, failureThreshold } };
}
