import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { limitFields, pluginSchema } from './pluginConfig.ts';

const text = z.string().min(1, 'expected a text');
const file = z.string().refine((path) => isAbsolute(path), 'expected an absolute path of a file');
const folder = z.string().refine((path) => isAbsolute(path), 'expected an absolute path of a folder');
const port = z.int().min(0).max(65_535);
const labels = z.record(text, z.string());

const server = z.strictObject({
  /** The server's GraphQL endpoint. */
  url: z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }),
  /** A file with the agent's key or token. Default: the key that enrollment brought, else none. */
  tokenFile: file.optional(),
  /** A file with a key of `createEnrollmentKey`, used until the agent's own key has come (A7). */
  enrollmentKeyFile: file.optional(),
  /** A file with the secret that the supervisor is created with (S6). Default: none. */
  secretKeyFile: file.optional(),
});

const supervisor = z.strictObject({
  /** Needed where the credential is for no single domain. */
  domainId: text.optional(),
  /** Default: the hostname. */
  name: text.optional(),
  /** Default: the host's own name. */
  hostname: text.optional(),
  labels: labels.default({}),
  tags: labels.default({}),
});

const docker = z.strictObject({
  /** The engine's socket; Podman's too. */
  socketPath: file.default('/var/run/docker.sock'),
  /** The network of the containers: `bridge`, `host`, or the name of one that is there. */
  network: text.default('bridge'),
});

const kubernetes = z.strictObject({
  /** Default: the namespace of the agent's own pod, or of the context. */
  namespace: text.optional(),
  /** Default: the pod's own account, else the usual places. */
  kubeconfigFile: file.optional(),
  context: text.optional(),
  /** The names of Secrets by which the cluster pulls images. */
  imagePullSecrets: z.array(text).default([]),
});

const processDriver = z.strictObject({
  /** All that may be run: the absolute paths of programs. A spec that names another is refused. */
  executables: z.array(file).default([]),
  /** Whether the plugins end with the agent. */
  stopsWithAgent: z.boolean().default(false),
});

const images = z.strictObject({
  /** The image of a version that has no release, with `{pluginId}` and `{version}`. Default: such a version is refused (G14). */
  template: text.optional(),
  pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent'),
  /** Hours until an image that no plugin names any more is removed; 0: never. Only images that this agent fetched. */
  keepUnusedHours: z.int().min(0).default(24),
});

const registry = z
  .strictObject({
    username: text.optional(),
    passwordFile: file.optional(),
    /** A program `docker-credential-<name>`. */
    credentialHelper: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .optional(),
  })
  .refine(
    ({ username, passwordFile, credentialHelper }) =>
      credentialHelper === undefined
        ? username !== undefined && passwordFile !== undefined
        : username === undefined && passwordFile === undefined,
    'expected either `username` and `passwordFile`, or `credentialHelper`',
  );

/** The schema of agent.yaml. docs/agent.md shows it whole. */
export const agentSchema = z.strictObject({
  server,
  supervisor: supervisor.prefault({}),
  /** Where the state, the enrolled key and the socket lie; of this agent alone. */
  stateFolder: folder.default('/var/lib/muster-agent'),
  /**
   * The value of the label `muster.dev/supervisor` on all that this agent runs. Default: a random one, kept in the state
   * folder; for Kubernetes, the domain and the hostname, since a pod's folder goes with it.
   */
  owner: z
    .string()
    .regex(/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/, 'expected 1 to 63 of A-Z a-z 0-9 . _ -')
    .optional(),
  driver: z.enum(['docker', 'kubernetes', 'process']),
  docker: docker.prefault({}),
  kubernetes: kubernetes.prefault({}),
  process: processDriver.prefault({}),
  advertise: z
    .strictObject({
      /** The host in reported endpoints (G10). Default: `POD_IP`, else the hostname. */
      host: text.optional(),
    })
    .prefault({}),
  images: images.prefault({}),
  /** Credentials, by the registry's host. */
  registries: z.record(text, registry).default({}),
  /** The files with the secrets that specs name, by those names. */
  secrets: z.record(text, z.strictObject({ file })).default({}),
  /**
   * The domains whose releases may name secrets of this host, and have the limits of `plugins`: other tenants of a public
   * supervisor may publish what they like under any plugin's id. Default: `supervisor.domainId`, or all where that is left
   * out.
   */
  trustedDomains: z.array(text).optional(),
  limits: z
    .strictObject({
      memoryMib: limitFields.memoryMib.default(512),
      cpuMillis: limitFields.cpuMillis.default(1_000),
      pids: limitFields.pids.default(256),
      readOnlyRootFilesystem: limitFields.readOnlyRootFilesystem.default(true),
      capabilities: limitFields.capabilities.default([]),
      user: limitFields.user.optional(),
    })
    .prefault({}),
  /** The additions to a plugin's release, by the plugin's id. */
  plugins: z.record(text, pluginSchema).default({}),
  /** The most memory that a release may ask for. Default: that of the host; for Kubernetes, no bound (G12). */
  maxReleaseMemoryMib: limitFields.memoryMib.optional(),
  /** The share of the running plugins that a list may remove at once; one that removes more is held for 60 s (G6). */
  maxRemovalShare: z.number().min(0).max(1).default(0.5),
  /** Where `/status` and `/metrics` are served. */
  status: z.strictObject({ host: text.default('127.0.0.1'), port: port.default(9464) }).prefault({}),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** The configuration of an agent, with its defaults filled in. */
export type AgentConfig = z.output<typeof agentSchema>;
/** How to reach a container engine. */
export type DockerConfig = AgentConfig['docker'];
/** How to reach a cluster. */
export type KubernetesConfig = AgentConfig['kubernetes'];
/** The credentials of registries, by their hosts. */
export type RegistriesConfig = AgentConfig['registries'];
